#include "query/text_look.h"

#include "text/text_chunks.h"

namespace firn {
namespace {

Result<TextLook> LookAt(ObjectStore& store, const ObjectInfo& object, const TextSource& source) {
  FIRN_TRY_ASSIGN(TextChunks chunks, TextChunks::Open(store, object, source, kCsvHead));
  if (chunks.form() == TextForm::kJson) return TextLook{.json = true};
  FIRN_TRY_ASSIGN(const auto layout, chunks.Layout());
  return TextLook{.nothing = layout->names.empty(),
                  .delimiter = layout->dialect.delimiter,
                  .header = layout->dialect.header,
                  .columns = layout->names};
}

}  // namespace

Status LookAtTexts(ObjectStore& store, LakeFiles& lake_files, const TableRecord& table, TableFiles& files) {
  TextSource source{.form = {}, .csv = CsvSettingsOf(table), .names = {}};
  // Of what runs wrote all is known, and its files are few.
  const bool of_others = !source.csv.complete() || files.scan.snapshot.empty();
  if (table.format != "text" && (table.format != "csv" || !of_others)) return {};
  if (table.format == "csv") source.form = TextForm::kCsv;
  for (const Field& field : table.schema.fields) source.names.push_back(field.name);
  ObjectStore& near = lake_files.Near(store);
  for (const ObjectInfo& object : files.objects) {
    FIRN_TRY_ASSIGN(files.looks[lake_files.PathOf(object.key)], LookAt(near, object, source));
  }
  return {};
}

}  // namespace firn
