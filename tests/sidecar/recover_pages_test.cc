#include <algorithm>
#include <map>

#include "sidecar/store/big_endian.h"
#include "tests/sidecar/recover_fixture.h"

// What comes back when the first page, inner pages or the end are gone: every row whose own pages
// are whole.
namespace sidecar::store {
namespace {

using Pages = std::set<std::int64_t>;

// 1 to `most`.
std::int64_t UpTo(std::int64_t most, std::mt19937* random) {
  return std::uniform_int_distribution<std::int64_t>(1, most)(*random);
}

class RecoverPagesTest : public RecoverTest {
 protected:
  // A page of a table as SQLite itself counts it.
  struct Page {
    std::int64_t number = 0;
    std::string table;
    std::string cell;  // whose overflow it is, "" for a page with rows
    std::int64_t rows = 0;
  };

  void MakeWhole(int episodes = kEpisodes) {
    MakeHistory(episodes);
    Open();
    Read("SELECT pageno, name, pagetype, path, ncell FROM dbstat WHERE pagetype <> 'internal'",
         [&](const Statement& row) {
           const std::string path = row.Text(3);
           pages_.push_back({.number = row.Int(0),
                             .table = row.Text(1),
                             .cell = row.Text(2) == "leaf" ? "" : path.substr(0, path.find('+')),
                             .rows = row.Int(4)});
         });
    store_.reset();
    fs::copy_file(Path(), Path() + ".whole");
    count_ = static_cast<std::int64_t>(fs::file_size(Path()) / kPageBytes);
  }
  void BeginAnew() {
    store_.reset();
    clock_.Advance(base::Millis(1));
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (!entry.path().string().ends_with(".whole")) fs::remove(entry);
    }
    folder_.Write("history.db.lock", "");
    fs::copy_file(Path() + ".whole", Path());
  }

  // Rows of a table whose pages are all whole.
  std::int64_t Whole(const std::string& table, const Pages& damaged) {
    std::int64_t rows = 0;
    Pages seen;
    std::set<std::string> cut;
    for (const Page& page : pages_) {
      if (page.table != table) continue;
      if (!page.cell.empty()) {
        if (damaged.contains(page.number)) cut.insert(page.cell);
      } else if (!damaged.contains(page.number)) {
        rows += page.rows;
      }
    }
    return rows - static_cast<std::int64_t>(cut.size());
  }
  void Overwrite(std::int64_t page, std::mt19937* random) {
    std::string bytes(kPageBytes, '\0');
    for (char& byte : bytes) byte = static_cast<char>((*random)());
    std::fstream(Path(), std::ios::in | std::ios::out | std::ios::binary)
        .seekp(static_cast<std::streamoff>(page - 1) * static_cast<std::streamoff>(kPageBytes))
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  static std::string Replaced(std::string bytes, std::size_t at, const std::string& with) {
    return bytes.replace(at, with.size(), with);
  }
  void ExpectWhatIsWhole(const Pages& damaged) {
    for (const char* table : {"meta", "webhooks", "episodes", "outbox", "attempts"}) {
      EXPECT_GE(Number(std::string("SELECT count(*) FROM ") + table), Whole(table, damaged))
          << table;
    }
    // One whose episode is lost has no place.
    const std::int64_t lost = Whole("episodes", {}) - Number("SELECT count(*) FROM episodes");
    EXPECT_GE(Number("SELECT count(*) FROM transitions"), Whole("transitions", damaged) - lost);
    ExpectSound();
  }
  void ExpectAll() {
    ExpectWhatIsWhole({});
    EXPECT_EQ(store_->instance(), instance_);
    EXPECT_EQ(Number("SELECT seq FROM sqlite_sequence WHERE name = 'episodes'"),
              Number("SELECT max(id) FROM episodes"));
  }

  std::vector<Page> pages_;
  std::int64_t count_ = 0;
};

TEST_F(RecoverPagesTest, WithoutTheFirstPageAllIsBack) {
  MakeWhole();
  ASSERT_EQ(Whole("episodes", {}), kEpisodes);
  std::mt19937 random(1);
  Overwrite(1, &random);
  Open();
  ASSERT_TRUE(fs::exists(Aside()));
  ExpectAll();
}

TEST_F(RecoverPagesTest, TheFileSetAsideStaysAsItWas) {
  MakeWhole(60);
  std::mt19937 random(1);
  Overwrite(1, &random);
  std::ifstream before(Path(), std::ios::binary);
  const std::string damaged{std::istreambuf_iterator<char>(before), {}};
  Open();
  std::ifstream after(Aside(), std::ios::binary);
  EXPECT_TRUE((std::string{std::istreambuf_iterator<char>(after), {}}) == damaged);
  EXPECT_FALSE(fs::exists(Path() + ".gathered"));
}

TEST_F(RecoverPagesTest, NoByteOfTheHeaderLosesARow) {
  MakeWhole(60);
  for (int at = 0; at < 100; ++at) {
    SCOPED_TRACE(at);
    BeginAnew();
    std::fstream file(Path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char other = static_cast<char>(file.get() ^ (at % 2 == 0 ? 0xff : 0x03));
    file.seekp(at).write(&other, 1);
    file.close();
    ASSERT_NO_FATAL_FAILURE(Open());
    ExpectAll();
  }
}

TEST_F(RecoverPagesTest, HoweverManyPagesATableHas) {
  for (const int rows : {1, 2, 3, 290, 291, 292, 293, 583, 900}) {
    SCOPED_TRACE(rows);
    for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove(entry);
    clock_.Advance(base::Millis(1));
    ASSERT_NO_FATAL_FAILURE(Open());
    const auto written = store_->Write([&](const Database& database) {  // one a page
      return database
          .Prepare(
              "WITH RECURSIVE numbers(n) AS"
              " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?)"
              "INSERT INTO quarantine SELECT n, 'prod', n, 'x', zeroblob(3000) FROM numbers")
          .Bind(std::int64_t{rows})
          .Run();
    });
    ASSERT_TRUE(written.ok());
    store_.reset();
    std::mt19937 random(1);
    Overwrite(1, &random);
    ASSERT_NO_FATAL_FAILURE(Open());
    EXPECT_EQ(Number("SELECT count(*) FROM quarantine"), rows);
    store_.reset();
  }
}

TEST_F(RecoverPagesTest, EveryRowOutsideTheDamageIsBack) {
  MakeWhole();
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    BeginAnew();
    std::mt19937 random(seed);
    Pages damaged;
    if (seed % 2 == 0) damaged.insert(1);
    for (unsigned i = 0; i < seed * 3; ++i) damaged.insert(UpTo(count_, &random));
    for (const std::int64_t page : damaged) Overwrite(page, &random);
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_TRUE(fs::exists(Aside()));
    ExpectWhatIsWhole(damaged);
  }
}

// A page whose ids claim the rows of others: of some behind it, or of all.
TEST_F(RecoverPagesTest, AWildIdLosesNoOtherPage) {
  MakeWhole();
  std::ifstream in(Path(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  std::vector<Page> leaves;
  std::copy_if(pages_.begin(), pages_.end(), std::back_inserter(leaves), [](const Page& page) {
    return page.table == "episodes" && page.cell.empty() && page.rows > 5;
  });
  for (int i = 0; i < 12; ++i) {
    SCOPED_TRACE(i);
    BeginAnew();
    const Page& wild = leaves[i % 2 == 0 ? 0 : leaves.size() / 2];
    const auto row = static_cast<std::size_t>(i / 2 % 3 * (wild.rows - 1) / 2);
    const std::size_t begin = static_cast<std::size_t>(wild.number - 1) * kPageBytes;
    const std::size_t cell = begin + GetNumber(whole, begin + 8 + 2 * row, 2);
    // Behind the payload's size, of two bytes: the id, of two bytes as well, or of one.
    folder_.Write("history.db",
                  Replaced(whole, cell + 2, whole[cell + 2] < 0 ? "\xff\x7f" : "\x7f"));
    std::mt19937 random(1);
    if (i >= 6) Overwrite(1, &random);
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_TRUE(fs::exists(Aside()));
    EXPECT_GE(Number("SELECT count(*) FROM episodes"), kEpisodes - wild.rows);
    ExpectSound();
  }
}

TEST_F(RecoverPagesTest, WithoutRoomForThePagesWhatTheSchemaLeadsToIsBack) {
  MakeWhole();
  const Page lost = *std::find_if(pages_.begin(), pages_.end(), [](const Page& page) {
    return page.table == "episodes" && page.cell.empty();
  });
  std::mt19937 random(1);
  Overwrite(lost.number, &random);
  fs::create_directory(Path() + ".gathered");  // where no file can be made
  folder_.Write("history.db.gathered/kept", "");
  Open();
  EXPECT_EQ(Number("SELECT count(*) FROM episodes"), kEpisodes - lost.rows);
  ExpectSound();
  store_.reset();
  clock_.Advance(base::Millis(1));
  Overwrite(1, &random);
  EXPECT_FALSE(Store::Open(Path(), clock_, &metrics_).ok()) << "not an empty history instead";
}

TEST_F(RecoverPagesTest, EveryRowBeforeTheCutIsBack) {
  MakeWhole();
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    BeginAnew();
    std::mt19937 random(seed);
    // The last page, a part of it, up to all.
    const auto all = count_ * static_cast<std::int64_t>(kPageBytes);
    const std::int64_t most = seed <= 4 ? static_cast<std::int64_t>(kPageBytes) : all;
    const std::int64_t size = all - (seed == 1 ? most : UpTo(most - 1, &random));
    if (seed % 4 == 0) Overwrite(1, &random);
    fs::resize_file(Path(), static_cast<std::uintmax_t>(size));
    Pages damaged{1};
    for (std::int64_t page = 1; page <= count_; ++page) {
      if (page * static_cast<std::int64_t>(kPageBytes) > size) damaged.insert(page);
    }
    ASSERT_NO_FATAL_FAILURE(Open());
    ASSERT_TRUE(fs::exists(Aside()));
    ExpectWhatIsWhole(damaged);
  }
}

// What a killed sidecar leaves: a part of the history is in the log only.
class RecoverWalTest : public RecoverTest {
 protected:
  void MakeKilled() {
    MakeHistory(60);
    ASSERT_NO_FATAL_FAILURE(Open());
    const auto written = store_->Write([](const Database& database) {
      return database.Execute("UPDATE episodes SET name = 'Logged' WHERE id <= 20");
    });
    ASSERT_TRUE(written.ok());
    fs::copy_file(Path(), folder_.File("killed"));
    fs::copy_file(Path() + "-wal", folder_.File("killed-wal"));
    store_.reset();
    fs::rename(folder_.File("killed"), Path());
    fs::rename(folder_.File("killed-wal"), Path() + "-wal");
  }
  void Spoil(const std::string& path, std::int64_t at, std::size_t size) {
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary)
        .seekp(at)
        .write(std::string(size, '\xa5').data(), static_cast<std::streamsize>(size));
  }
  std::int64_t Logged() { return Number("SELECT count(*) FROM episodes WHERE name = 'Logged'"); }
};

TEST_F(RecoverWalTest, TheLogIsReadToo) {
  MakeKilled();
  Spoil(Path(), 0, kPageBytes);
  Open();
  EXPECT_EQ(Number("SELECT count(*) FROM episodes"), 60);
  EXPECT_EQ(Logged(), 20);
  ExpectSound();
}

TEST_F(RecoverWalTest, ALogIsReadForAFileThatWasCutToNothing) {
  MakeKilled();
  fs::resize_file(Path(), 0);
  Open();
  EXPECT_EQ(Logged(), 20) << "their page is in the log";
  ExpectSound();
}

TEST_F(RecoverWalTest, ADamagedLogEndsWhereItIsDamaged) {
  MakeKilled();
  Spoil(Path(), 0, kPageBytes);
  Spoil(Path() + "-wal", 40, 4);
  Open();
  EXPECT_EQ(Number("SELECT count(*) FROM episodes"), 60);
  EXPECT_EQ(Logged(), 0);
  ExpectSound();
}

}  // namespace
}  // namespace sidecar::store
