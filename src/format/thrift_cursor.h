#pragma once

#include <cstdint>
#include <string_view>

namespace firn {

// Walks a struct of Thrift's compact protocol, in which Parquet spells its footers and page headers: just enough to
// find a few numbers in it, and to refuse hostile ones, at the cost of no allocation. Whatever the bytes say, it stays
// inside them. Throws parquet::ParquetException.
class ThriftCursor {
 public:
  // `what` is for messages: "its footer". Both outlive the cursor.
  ThriftCursor(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  struct FieldHeader {
    int type = kStop;
    int64_t id = 0;
  };
  static constexpr int kStop = 0;
  static constexpr int kTrue = 1;
  static constexpr int kFalse = 2;
  static constexpr int kInt32 = 5;
  static constexpr int kList = 9;
  static constexpr int kStruct = 12;

  [[nodiscard]] size_t position() const { return at_; }

  FieldHeader Field(int64_t previous_id);
  // The number of elements; `type` is that of each.
  uint64_t List(int& type);
  int64_t Integer();
  void Skip(int type, int depth = 0);

 private:
  static constexpr int kDeepestValue = 16;

  void SkipList(int depth);
  void SkipStruct(int depth);
  int Byte();
  uint64_t Varint();
  void Advance(uint64_t count);
  [[noreturn]] void Refuse(std::string_view why) const;

  std::string_view bytes_;
  std::string_view what_;
  size_t at_ = 0;
};

}  // namespace firn
