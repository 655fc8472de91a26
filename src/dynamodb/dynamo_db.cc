#include "dynamodb/dynamo_db.h"

#include <utility>

namespace firn {

Result<std::unique_ptr<DynamoDb>> DynamoDb::Open(const DynamoSettings& settings, const Clock& clock, Random& random,
                                                 Pause pause, const Environment& environment) {
  const JsonProtocol protocol{"dynamodb", "DynamoDB_20120810", "1.0"};
  auto opened = std::unique_ptr<DynamoDb>(new DynamoDb(settings.retry, clock, random, std::move(pause)));
  FIRN_TRY_ASSIGN(opened->service_,
                  OpenJsonService(protocol, {settings.endpoint, settings.identity, settings.http, settings.timeout},
                                  opened->retries_, clock, environment));
  opened->client_ = std::make_unique<DynamoClient>(*opened->service_, opened->retries_, random);
  return opened;
}

}  // namespace firn
