#pragma once

#include "crawl/file_survey.h"
#include "text/json_records.h"

namespace firn {

// As SurveyFiles, for CSV and JSON: reads all records of `objects` in parallel. Columns of `table` keep their types but
// where numbers are wider; new columns get types that hold the values of all objects. What becomes of new and wider
// ones is the table's to say. Records that cannot be read are left to runs; an object that cannot be cut into records,
// or has no good one, is a finding.
Result<FileSurvey> SurveyTexts(const CrawlServices& services, const TableRecord& table,
                               const std::vector<ObjectInfo>& objects, bool skip_bad_files,
                               const CrawlProgress& progress, std::stop_token stop);

}  // namespace firn
