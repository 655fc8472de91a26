#pragma once

#include <stop_token>
#include <string>

#include "app/screen.h"
#include "app/wiring.h"

namespace firn {

// kNotFound, with the nearest name.
Result<const CrawlerDefinition*> GetCrawler(const Project& project, const std::string& name);

// Crawls the crawler's tables, one after the other, with progress on a terminal; says what each came to, and returns it
// as JSON. What went wrong is logged, too.
Result<Json> RunCrawler(Wiring& wiring, const CrawlerDefinition& crawler, const Screen& screen, std::stop_token stop);

}  // namespace firn
