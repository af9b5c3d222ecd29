#include "base/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/log.h"
#include "tests/support/log_pipe.h"
#include "tests/support/temp_dir.h"

namespace base {
namespace {

// Writes a file the way a secret is rotated, as another inode under the same name. Returns its
// path.
std::string Put(const support::TempDir& dir, const std::string& name, const std::string& text) {
  dir.Write(name + ".new", text);
  std::filesystem::rename(dir.File(name + ".new"), dir.File(name));
  return dir.File(name);
}

constexpr char kOld[] = "old-token-0123456789";
constexpr char kNew[] = "new-token-0123456789";

TEST(SecretFile, CutsTheLineEndAndIsReadAnew) {
  const support::TempDir dir;
  const SecretFile file(Put(dir, "password", "s3cret\n"));
  EXPECT_EQ(file.Read().value(), "s3cret");
  Put(dir, "password", " other one \r\n");
  EXPECT_EQ(file.Read().value(), " other one ");
}

TEST(SecretFile, SaysWhatIsWrongAndNeverWhatIsIn) {
  const support::TempDir dir;
  const auto missing = SecretFile(dir.File("missing")).Read();
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("missing"), std::string::npos);
  EXPECT_EQ(SecretFile(dir.File("")).Read().error().code, ErrorCode::kInvalid);
  EXPECT_EQ(SecretFile(Put(dir, "empty", "\n")).Read().error().code, ErrorCode::kInvalid);
  EXPECT_EQ(SecretFile(Put(dir, "long", std::string(4097, 'x'))).Read().error().code,
            ErrorCode::kInvalid);
  const auto lines = SecretFile(Put(dir, "lines", "hunter2\nhunter3\n")).Read();
  EXPECT_EQ(lines.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(lines.error().message.find("hunter"), std::string::npos);
}

TEST(SecretFile, AFifoDoesNotHoldTheCaller) {
  const support::TempDir dir;
  ASSERT_EQ(mkfifo(dir.File("fifo").c_str(), 0600), 0);
  EXPECT_EQ(SecretFile(dir.File("fifo")).Read().error().code, ErrorCode::kInvalid);
}

TEST(ParseTokens, TakesNamesCommentsAndBlankLines) {
  const auto tokens = ParseTokens(
      "# webhook\n\n"
      "alertmanager  0123456789abcdef\r\n"
      "  alertmanager\tfedcba9876543210  \n"
      "0123456789ABCDEF");
  ASSERT_TRUE(tokens.ok()) << tokens.error().message;
  ASSERT_EQ(tokens->size(), 3U);
  EXPECT_EQ((*tokens)[0].name, "alertmanager");
  EXPECT_EQ((*tokens)[0].secret, "0123456789abcdef");
  EXPECT_EQ((*tokens)[1].name, "alertmanager");
  EXPECT_EQ((*tokens)[1].secret, "fedcba9876543210");
  EXPECT_EQ((*tokens)[2].name, "default");
  EXPECT_EQ((*tokens)[2].secret, "0123456789ABCDEF");
}

TEST(ParseTokens, NamesTheLineAndNotTheToken) {
  for (const std::string& line :
       {std::string("short"), std::string("name short"), std::string("bad/name 0123456789abcdef"),
        std::string("name 0123456789abcdef extra"),
        std::string("name 0123456789abcd\xC3\xA9"
                    "f"),
        std::string(65, 'n') + " 0123456789abcdef"}) {
    const auto tokens = ParseTokens("# comment\n" + line + "\n");
    ASSERT_FALSE(tokens.ok()) << line;
    EXPECT_EQ(tokens.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(tokens.error().message.rfind("line 2: ", 0), 0U) << tokens.error().message;
    EXPECT_EQ(tokens.error().message.find("0123456789"), std::string::npos);
    EXPECT_EQ(tokens.error().message.find("short"), std::string::npos);
  }
}

TEST(ParseTokens, AFileWithoutATokenIsAMistake) {
  EXPECT_EQ(ParseTokens("# nothing yet\n").error().code, ErrorCode::kInvalid);
  EXPECT_EQ(ParseTokens("").error().code, ErrorCode::kInvalid);
}

TEST(TokenFile, TellsWhoseTokenItIs) {
  const support::TempDir dir;
  const auto file =
      TokenFile::Open(Put(dir, "tokens", std::string("one ") + kOld + "\ntwo " + kNew + "\n"));
  ASSERT_TRUE(file.ok());
  TokenFile& tokens = **file;
  EXPECT_EQ(tokens.Match(std::string("Bearer ") + kOld), "one");
  EXPECT_EQ(tokens.Match(std::string("bearer  ") + kNew), "two");
  for (const std::string& wrong :
       {std::string(), std::string("Bearer"), std::string("Bearer "), std::string(kOld),
        std::string("Basic ") + kOld, std::string("Bearer ") + kOld + "x",
        "Bearer " + std::string(kOld).substr(1), "Bearer " + std::string(kOld) + kOld}) {
    EXPECT_EQ(tokens.Match(wrong), std::nullopt) << wrong;
  }
}

TEST(TokenFile, AMissingOrBrokenFileDoesNotOpen) {
  const support::TempDir dir;
  EXPECT_EQ(TokenFile::Open(dir.File("missing")).error().code, ErrorCode::kNotFound);
  const auto broken = TokenFile::Open(Put(dir, "broken", "short\n"));
  EXPECT_EQ(broken.error().code, ErrorCode::kInvalid);
  EXPECT_NE(broken.error().message.find("broken: line 1"), std::string::npos);
}

TEST(TokenFile, AChangedFileCountsAtOnce) {
  const support::TempDir dir;
  const auto file = TokenFile::Open(Put(dir, "tokens", kOld));
  ASSERT_TRUE(file.ok());
  Put(dir, "tokens", kNew);
  EXPECT_EQ((*file)->Match(std::string("Bearer ") + kNew), "default");
  EXPECT_EQ((*file)->Match(std::string("Bearer ") + kOld), std::nullopt);
}

TEST(TokenFile, AFailedRotationRefusesNobodyAndIsMadeGoodLater) {
  const support::TempDir dir;
  const std::string path = Put(dir, "tokens", kOld);
  const auto file = TokenFile::Open(path);
  ASSERT_TRUE(file.ok());
  const std::string bearer = std::string("Bearer ") + kOld;
  EXPECT_FALSE((*file)->KeepsOld());
  std::filesystem::rename(path, path + ".whole");
  Put(dir, "tokens", "half-writ");
  EXPECT_TRUE((*file)->KeepsOld());
  EXPECT_EQ((*file)->Match(bearer), "default");
  std::filesystem::remove(path);
  EXPECT_EQ((*file)->Match(bearer), "default");
  EXPECT_TRUE((*file)->KeepsOld());
  std::filesystem::rename(path + ".whole", path);
  EXPECT_FALSE((*file)->KeepsOld()) << "as it was";
  Put(dir, "tokens", kNew);
  EXPECT_EQ((*file)->Match(bearer), std::nullopt);
  EXPECT_EQ((*file)->Match(std::string("Bearer ") + kNew), "default");
}

TEST(TokenFile, AFailedRotationIsLoggedOncePerChange) {
  const support::TempDir dir;
  const auto file = TokenFile::Open(Put(dir, "tokens", kOld));
  ASSERT_TRUE(file.ok());
  support::LogPipe pipe;
  log::Start(log::Level::kInfo, log::Format::kLogfmt);
  for (const char* broken : {"short-one", "short-two"}) {
    Put(dir, "tokens", broken);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE((*file)->Match("Bearer x"));
  }
  const std::string text = pipe.StopAndRead();

  const std::size_t first = text.find("token_file_kept_old");
  const std::size_t second = text.find("token_file_kept_old", first + 1);
  EXPECT_NE(second, std::string::npos) << text;
  EXPECT_EQ(text.find("token_file_kept_old", second + 1), std::string::npos) << text;
  EXPECT_EQ(text.find("short-"), std::string::npos) << text;
}

}  // namespace
}  // namespace base
