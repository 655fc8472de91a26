#include "pipeline/file_shape.h"

#include <parquet/arrow/schema.h>

#include "format/parquet_guard.h"
#include "format/parquet_schema.h"

namespace firn {
namespace {

// SchemaDescriptor::Equals looks at leaves alone: of two lists of strings it cannot tell which is which.
bool Same(const parquet::SchemaDescriptor& a, const parquet::SchemaDescriptor& b) {
  return a.group_node()->Equals(b.group_node());
}

}  // namespace

const FileShape* ShapeRegistry::Find(const parquet::SchemaDescriptor& descriptor, size_t from) const {
  for (size_t i = from; i < shapes_.size(); ++i)
    if (Same(*shapes_[i]->descriptor, descriptor)) return shapes_[i].get();
  return nullptr;
}

Result<const FileShape*> ShapeRegistry::ShapeOf(const ParquetFile& file) {
  return ShapeOf(file.object.key, file.reader->metadata(), *file.metadata().schema());
}

Result<const FileShape*> ShapeRegistry::ShapeOf(const ObjectKey& key, const arrow::Schema& schema) {
  std::shared_ptr<parquet::SchemaDescriptor> descriptor;
  FIRN_TRY(GuardParquet(key, [&] {
    PARQUET_THROW_NOT_OK(parquet::arrow::ToParquetSchema(&schema, *parquet::default_writer_properties(), &descriptor));
  }));
  return ShapeOf(key, descriptor, *descriptor);
}

Result<const FileShape*> ShapeRegistry::ShapeOf(const ObjectKey& key, const std::shared_ptr<const void>& owner,
                                                const parquet::SchemaDescriptor& descriptor) {
  const FileShape* first = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!shapes_.empty()) first = shapes_[0].get();
  }
  // Nearly every file has the first shape: compare with it outside the lock.
  if (first != nullptr && Same(*first->descriptor, descriptor)) return first;
  const std::lock_guard lock(mutex_);
  if (const FileShape* known = Find(descriptor, 0)) return known;
  auto shape = std::make_unique<FileShape>();
  shape->owner = owner;
  shape->descriptor = &descriptor;
  auto schema = SchemaOf(*shape->descriptor);
  if (!schema) return std::unexpected(std::move(schema.error()).Within(key));
  shape->schema = std::move(*schema);
  shape->leaves = LeafPathsOf(*shape->descriptor, shape->schema);
  shape->example = key;
  shape->index = static_cast<int>(shapes_.size());
  shapes_.push_back(std::move(shape));
  return shapes_.back().get();
}

std::vector<const FileShape*> ShapeRegistry::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<const FileShape*> all;
  for (const auto& shape : shapes_) all.push_back(shape.get());
  return all;
}

}  // namespace firn
