#include "sidecar/store/gather.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "sidecar/store/big_endian.h"
#include "sidecar/store/database.h"
#include "sidecar/store/files.h"
#include "sidecar/store/leaves.h"
#include "sidecar/store/schema.h"
#include "sidecar/store/wal.h"

namespace sidecar::store {
namespace {

constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kPageCountAt = 28;
constexpr std::uint32_t kUsualPageBytes = 4096;
constexpr std::int64_t kLockByte = 1 << 30;  // SQLite never uses the page that has it

// The copy as pages, numbered from 1.
class PageFile {
 public:
  PageFile(const base::Fd& fd, std::uint32_t page_bytes) : fd_(fd), page_bytes_(page_bytes) {
    struct stat file {};
    if (fstat(fd_.get(), &file) != 0) return;
    count_ = static_cast<std::uint32_t>((file.st_size + page_bytes - 1) / page_bytes);
  }

  // What is cut off of the last page reads as zeros.
  base::Status Pad() {
    if (ftruncate(fd_.get(), std::int64_t{count_} * page_bytes_) == 0) return {};
    return base::ErrnoError("padding the copy", errno);
  }
  bool Read(std::uint32_t number, std::string* page) const {
    page->resize(page_bytes_);
    return ReadAt(fd_, At(number), page);
  }
  base::Status Write(std::uint32_t number, std::string_view page) {
    return WriteAt(fd_, At(number), page);
  }
  base::Result<std::uint32_t> Append(std::string_view page) {
    do ++count_;
    while (At(count_) == kLockByte / page_bytes_ * page_bytes_);
    if (auto written = Write(count_, page); !written) return written.error();
    return count_;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint32_t page_bytes() const { return page_bytes_; }

 private:
  [[nodiscard]] std::int64_t At(std::uint32_t number) const {
    return (std::int64_t{number} - 1) * page_bytes_;
  }
  const base::Fd& fd_;
  std::uint32_t page_bytes_;
  std::uint32_t count_ = 0;
};

// What the disk does not give any more reads as zeros; a disk that gives nothing at all may come
// back.
base::Status CopyReadable(const std::string& damaged, const base::Fd& to) {
  const base::Fd from(open(damaged.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat file {};
  if (!from.valid() || fstat(from.get(), &file) != 0) {
    return base::ErrnoError("reading " + damaged, errno);
  }
  if (!S_ISREG(file.st_mode)) return base::ErrnoError("reading " + damaged, EISDIR);
  if (ftruncate(to.get(), file.st_size) != 0) return base::ErrnoError("sizing the copy", errno);
  bool any = file.st_size == 0;
  std::string bytes;
  for (std::int64_t at = 0; at < file.st_size; at += kUsualPageBytes) {
    bytes.resize(
        static_cast<std::size_t>(std::min<std::int64_t>(kUsualPageBytes, file.st_size - at)));
    if (!ReadAt(from, at, &bytes)) continue;
    any = true;
    if (auto written = WriteAt(to, at, bytes); !written) return written;
  }
  return any ? base::Status() : base::ErrnoError("reading " + damaged, EIO);
}

struct Found {
  std::vector<Leaf> leaves;
  std::int64_t rows = 0;
};

Found FindLeaves(const PageFile& file, const std::vector<Shape>& shapes) {
  Found found;
  std::string page;
  for (std::uint32_t number = 2; number <= file.count(); ++number) {
    if (!file.Read(number, &page)) continue;
    auto leaf = ReadLeaf(page, shapes);
    if (!leaf) continue;
    leaf->page = number;
    found.rows += leaf->rows;
    found.leaves.push_back(*leaf);
  }
  return found;
}

// Of the sizes that the file may have, the one with which the most rows are found.
std::uint32_t PageBytes(const base::Fd& fd, const std::vector<Shape>& shapes) {
  std::set<std::uint32_t> sizes{kUsualPageBytes};
  std::string head(18, '\0');
  if (ReadAt(fd, 0, &head)) {
    const std::uint32_t said = GetNumber(head, 16, 2);
    sizes.insert(said == 1 ? 65536 : said);
  }
  std::uint32_t best = kUsualPageBytes;
  std::int64_t most = -1;
  for (const std::uint32_t size : sizes) {
    if (!IsPageSize(size)) continue;
    PageFile file(fd, size);
    if (!file.Pad()) continue;
    const std::int64_t rows = FindLeaves(file, shapes).rows;
    if (rows <= most) continue;
    most = rows;
    best = size;
  }
  return best;
}

// Page 1 of a database without tables.
std::string EmptyFirstPage(std::uint32_t page_bytes, std::uint32_t pages) {
  std::string page(page_bytes, '\0');
  page.replace(0, 16, std::string_view("SQLite format 3\0", 16));
  PutNumber(&page, 16, 2, page_bytes == 65536 ? 1 : page_bytes);
  page[18] = page[19] = 1;  // read and written without a write-ahead log
  page[21] = 64;            // fractions of a page, which never vary
  page[22] = page[23] = 32;
  PutNumber(&page, 24, 4, 1);  // the change for which the number of pages holds, as below
  PutNumber(&page, kPageCountAt, 4, pages);
  PutNumber(&page, 44, 4, 4);  // schema format
  PutNumber(&page, 56, 4, 1);  // UTF-8
  PutNumber(&page, 92, 4, 1);
  page[kHeaderBytes] = 13;
  PutNumber(&page, kHeaderBytes + 5, 2, page_bytes == 65536 ? 0 : page_bytes);
  return page;
}

// A page and the greatest rowid below it.
struct Child {
  std::uint32_t page = 0;
  std::int64_t last = 0;
};

void AppendVarint(std::string* bytes, std::uint64_t number) {
  std::string reversed(1, static_cast<char>(number & 0x7f));
  while ((number >>= 7) != 0) reversed += static_cast<char>(0x80 | (number & 0x7f));
  bytes->append(reversed.rbegin(), reversed.rend());
}

// An inner page: all but the last of its children as cells, the last in its head.
std::string InnerPage(std::uint32_t page_bytes, const Child* begin, const Child* end) {
  std::string page(page_bytes, '\0');
  std::size_t content = page_bytes;
  std::size_t pointer = 12;
  page[0] = 5;
  PutNumber(&page, 3, 2, static_cast<std::uint32_t>(end - begin - 1));
  PutNumber(&page, 8, 4, (end - 1)->page);
  for (const Child* child = begin; child != end - 1; ++child, pointer += 2) {
    std::string cell(4, '\0');
    PutNumber(&cell, 0, 4, child->page);
    AppendVarint(&cell, static_cast<std::uint64_t>(child->last));
    content -= cell.size();
    page.replace(content, cell.size(), cell);
    PutNumber(&page, pointer, 2, static_cast<std::uint32_t>(content));
  }
  PutNumber(&page, 5, 2, static_cast<std::uint32_t>(content & 0xffff));
  return page;
}

// Builds the levels above, the lowest first; returns the root.
base::Result<std::uint32_t> BuildTree(PageFile* file, std::vector<Child> children) {
  // A pointer, a page number, and an id below kMaxId, which has 8 bytes at most.
  const std::size_t fit = (file->page_bytes() - 12) / (2 + 4 + 8);
  while (children.size() > 1) {
    std::vector<Child> parents;
    // Evenly: an inner page with a single child would be damage.
    const std::size_t pages = (children.size() + fit - 1) / fit;
    for (std::size_t i = 0; i < pages; ++i) {
      const std::size_t begin = i * children.size() / pages;
      const std::size_t end = (i + 1) * children.size() / pages;
      const auto page = file->Append(
          InnerPage(file->page_bytes(), children.data() + begin, children.data() + end));
      if (!page) return page.error();
      parents.push_back({.page = *page, .last = children[end - 1].last});
    }
    children = std::move(parents);
  }
  return children.front().page;
}

// In the order of their rows. Of pages that claim the same rows, which only damage makes, those
// that have the most rows together: weighted interval scheduling, by dynamic programming.
std::vector<Child> InOrder(std::vector<Leaf> leaves) {
  std::sort(leaves.begin(), leaves.end(),
            [](const Leaf& a, const Leaf& b) { return a.last < b.last; });
  std::vector<std::int64_t> most(leaves.size() + 1);  // rows in a choice among the first so many
  std::vector<std::size_t> before(leaves.size());     // how many end before this one begins
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const auto end = leaves.begin() + static_cast<std::ptrdiff_t>(i);
    const auto overlap = std::partition_point(
        leaves.begin(), end,
        [first = leaves[i].first](const Leaf& leaf) { return leaf.last < first; });
    before[i] = static_cast<std::size_t>(overlap - leaves.begin());
    most[i + 1] = std::max(most[i], most[before[i]] + leaves[i].rows);
  }
  std::vector<Child> children;
  for (std::size_t i = leaves.size(); i > 0;) {
    if (most[i] == most[i - 1]) {
      --i;
      continue;
    }
    children.push_back({.page = leaves[i - 1].page, .last = leaves[i - 1].last});
    i = before[i - 1];
  }
  std::reverse(children.begin(), children.end());
  return children;
}

using Roots = std::map<std::string, std::uint32_t>;

base::Result<Roots> BuildTrees(PageFile* file, const std::vector<Shape>& shapes,
                               const std::vector<Leaf>& leaves) {
  Roots roots;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    std::vector<Leaf> own;
    std::copy_if(leaves.begin(), leaves.end(), std::back_inserter(own),
                 [i](const Leaf& leaf) { return leaf.shape == i; });
    if (own.empty() || shapes[i].table == "sqlite_schema") continue;
    const auto root = BuildTree(file, InOrder(std::move(own)));
    if (!root) return root.error();
    roots[shapes[i].table] = *root;
  }
  return roots;
}

// Makes the tables anew, behind all pages there are, and lets them begin where their rows are.
base::Status PointAt(const std::string& path, const Roots& roots) {
  const auto database = Database::Open(path, Database::Mode::kWriter);
  if (!database) return database.error();
  if (auto migrated = Migrate(*database); !migrated) return migrated;
  if (auto free = database->Execute("PRAGMA writable_schema=ON"); !free) return free;
  for (const auto& [table, root] : roots) {
    auto moved = database
                     ->Prepare(
                         "UPDATE sqlite_schema SET rootpage = ?"
                         " WHERE type = 'table' AND name = ?")
                     .Bind(std::int64_t{root})
                     .Bind(table)
                     .Run();
    if (!moved) return moved;
  }
  return {};
}

}  // namespace

base::Result<std::int64_t> Gather(const std::string& damaged, const std::string& to,
                                  const Database& fresh) {
  const auto shapes = ShapesOf(fresh);
  if (!shapes) return shapes.error();
  Roots roots;
  Found found;
  {
    const auto fd = Touch(to);
    if (!fd) return fd.error();
    if (const auto copied = CopyReadable(damaged, *fd); !copied) return copied.error().Wrap(to);
    auto page_bytes = ApplyWal(damaged + "-wal", *fd);
    if (!page_bytes) return page_bytes.error().Wrap(to);
    if (*page_bytes == 0) *page_bytes = PageBytes(*fd, *shapes);
    PageFile file(*fd, *page_bytes);
    if (const auto padded = file.Pad(); !padded) return padded.error();
    found = FindLeaves(file, *shapes);
    auto built = BuildTrees(&file, *shapes, found.leaves);
    if (!built) return built.error().Wrap(to);
    roots = std::move(*built);
    const auto first = file.Write(1, EmptyFirstPage(*page_bytes, file.count()));
    if (!first) return first.error().Wrap(to);
  }
  if (const auto pointed = PointAt(to, roots); !pointed) return pointed.error().Wrap(to);
  return static_cast<std::int64_t>(found.leaves.size());
}

}  // namespace sidecar::store
