#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chargebacks {

// A made-up day of chargebacks. Row `slot` of the day is a pure function of (seed, day, slot), so files can be written
// in any order, by any number of threads, one window at a time, and always hold the same bytes.
struct Day {
  int64_t midnight_us = 0;  // UTC
  uint64_t seed = 0;
  uint64_t rows = 0;
  uint64_t distinct = 0;  // chargeback_ids; the other rows repeat one of them
};

// Views point to constants.
struct Chargeback {
  std::string chargeback_id;
  std::string transaction_id;
  int64_t merchant_id = 0;
  std::string_view merchant_name;
  int64_t amount_cents = 0;
  std::string_view currency;
  std::string_view status;
  std::string_view reason_code;
  std::string_view network;
  int64_t created_at_us = 0;
  std::optional<int64_t> updated_at_us;  // unset: the source did not say
  std::string_view country;
  std::string_view segment;
  double risk_score = 0;
  std::string_view city;
  std::string postal_code;
  std::optional<std::string> note;
  std::string card_last4;
  bool is_fraud = false;
};

[[nodiscard]] Chargeback RowOf(const Day& day, uint64_t slot);

}  // namespace chargebacks
