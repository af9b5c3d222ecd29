#include "notifier/email/mime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace notifier {
namespace {

constexpr char kFrom[] = "sidecar@example.org";

Message Hot() {
  return {.key = "ep-1/firing",
          .channel = "email",
          .target = "admin@example.net",
          .thread = "ep-1",
          .subject = "[FIRING] FraudModelMaxedOutHighCPU",
          .text = "The model is hot.\nSince 15:37.\n",
          .html = "<html><body class=\"m\"><p>The model is hot.</p></body></html>\n",
          .urgent = true,
          .created_at_ms = 1'795'361'843'042};
}

std::string Mail(const Message& message, bool repeat = false) {
  return RenderMail(message, kFrom, {.number = repeat ? 2 : 1, .possible_repeat = repeat});
}

std::vector<std::string> Lines(const std::string& mail) {
  std::vector<std::string> lines;
  std::istringstream stream(mail);
  for (std::string line; std::getline(stream, line);) {
    EXPECT_TRUE(line.ends_with('\r')) << line;
    if (!line.empty()) line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

std::string Head(const std::string& mail) { return mail.substr(0, mail.find("\r\n\r\n") + 2); }

TEST(RenderMail, TheWholeMail) {
  EXPECT_EQ(Mail(Hot()),
            "Date: Sun, 22 Nov 2026 15:37:23 +0000\r\n"
            "From: sidecar@example.org\r\n"
            "To: admin@example.net\r\n"
            "Subject: [FIRING] FraudModelMaxedOutHighCPU\r\n"
            "Message-Id: <ep-1=2Ffiring@example.org>\r\n"
            "In-Reply-To: <ep-1.thread@example.org>\r\n"
            "References: <ep-1.thread@example.org>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Priority: 1\r\n"
            "Importance: high\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative;\r\n"
            " boundary=\"=_fraud_alternative\"\r\n"
            "\r\n"
            "--=_fraud_alternative\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "The model is hot.\r\n"
            "Since 15:37.\r\n"
            "--=_fraud_alternative\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "<html><body class=3D\"m\"><p>The model is hot.</p></body></html>\r\n"
            "--=_fraud_alternative--\r\n");
}

TEST(RenderMail, TextAloneWithoutThreadOrHurry) {
  Message message = Hot();
  message.html = "";
  message.thread = "";
  message.urgent = false;
  const std::string mail = Mail(message);
  for (const char* absent : {"multipart", "text/html", "References", "In-Reply-To", "X-Priority",
                             "Importance", "boundary"}) {
    EXPECT_EQ(mail.find(absent), std::string::npos) << absent;
  }
  EXPECT_TRUE(mail.ends_with("\r\n\r\nThe model is hot.\r\nSince 15:37.\r\n"));
}

TEST(RenderMail, ARepeatSaysSoAndKeepsItsId) {
  const std::string mail = Mail(Hot(), true);
  EXPECT_NE(mail.find("\r\nSubject: [possible repeat] [FIRING] Fraud"), std::string::npos);
  EXPECT_NE(mail.find("\r\n\r\nThis message may have reached you before: an earlier try got no "),
            std::string::npos)
      << "first in the text";
  EXPECT_NE(mail.find("<body class=3D\"m\"><p><strong>This message may have reached"),
            std::string::npos)
      << "first in the page";
  EXPECT_NE(mail.find("\r\nMessage-Id: <ep-1=2Ffiring@example.org>\r\n"), std::string::npos);
  Message fragment = Hot();
  fragment.html = "<p>hot</p>";
  EXPECT_NE(Mail(fragment, true).find("\r\n\r\n<p><strong>This message"), std::string::npos);
  EXPECT_EQ(Mail(Hot()).find("repeat"), std::string::npos);
  EXPECT_EQ(Mail(Hot()).find("reached you before"), std::string::npos);
}

TEST(RenderMail, NothingCanBeginAnotherHeader) {
  Message message = Hot();
  message.subject = "hot\r\nBcc: a@evil\n\rX: y\r\n\r\nbody";
  message.target = "admin@example.net\r\nBcc: b@evil";
  message.key = "k\r\nBcc: c@evil>";
  message.thread = "t\r\n\r\nBcc: d@evil";
  const std::string head = Head(Mail(message));
  EXPECT_EQ(head.find("\nBcc"), std::string::npos) << head;
  EXPECT_EQ(head.find("\nX: y"), std::string::npos) << head;
  EXPECT_NE(head.find("MIME-Version: 1.0"), std::string::npos) << "the head was cut short";
  EXPECT_NE(head.find("Message-Id: <k=0D=0ABcc=3A=20c=40evil=3E@example.org>"), std::string::npos);
}

TEST(RenderMail, NoLineIsLong) {
  Message message = Hot();
  message.subject = std::string(3000, 'x');
  message.text = std::string(5000, 'y') + "\n" + std::string(3000, ' ');
  message.html = "<p>" + std::string(5000, 'z') + "</p>";
  message.key = std::string(5000, 'k');
  message.thread = std::string(5000, 't');
  for (const std::string& line : Lines(Mail(message, true))) {
    EXPECT_LE(line.size(), 998U);
    const bool one_word = line.find(' ', 1) == line.rfind(' ') && line.find(':') < 15;
    EXPECT_TRUE(line.size() <= 78 || one_word) << line;
  }
}

TEST(SubjectHeader, FoldsPlainTextAtItsSpaces) {
  EXPECT_EQ(SubjectHeader("short"), "Subject: short\r\n");
  std::string words;
  for (int i = 0; i < 60; ++i) words += (i > 0 ? " word" : "word") + std::to_string(i);
  const std::string header = SubjectHeader(words);
  std::string unfolded;
  for (const std::string& line : Lines(header)) {
    EXPECT_LE(line.size(), 78U);
    EXPECT_EQ(line.find("=?"), std::string::npos);
    unfolded += line;
  }
  EXPECT_EQ(unfolded, "Subject: " + words);
}

TEST(SubjectHeader, EncodesWhatIsNotPlain) {
  EXPECT_EQ(SubjectHeader("h\xc3\xa9"), "Subject: =?UTF-8?B?aMOp?=\r\n");
  EXPECT_EQ(SubjectHeader("=?x?="), "Subject: =?UTF-8?B?PT94Pz0=?=\r\n")
      << "no encoded word of ours";
  EXPECT_EQ(SubjectHeader("two  spaces"), "Subject: =?UTF-8?B?dHdvICBzcGFjZXM=?=\r\n");
  EXPECT_EQ(SubjectHeader("a\r\nb\x7f"), SubjectHeader("a  b "));
}

TEST(SubjectHeader, NeverSplitsACharacterBetweenWords) {
  std::string fire;
  for (int i = 0; i < 40; ++i) fire += "\xf0\x9f\x94\xa5";
  const auto lines = Lines(SubjectHeader(fire));
  ASSERT_EQ(lines.size(), 4U);
  for (const std::string& line : lines) {
    EXPECT_LE(line.size(), 78U);
    // Ten characters are 40 bytes, whose base64 ends like this only when none of them is cut.
    EXPECT_TRUE(line.ends_with("8J+UpQ==?=")) << line;
  }
}

TEST(SubjectHeader, IsBounded) {
  EXPECT_LT(SubjectHeader(std::string(100'000, 'x')).size(), 1000U);
}

TEST(MessageId, DistinctKeysGiveDistinctIds) {
  const std::string long_key(300, 'k');
  std::vector<std::string> keys = {"a",    "A",    "a.b",          "a=2Eb",        "a/b", "a b",
                                   "ep-1", "ep.1", long_key + "1", long_key + "2", "a@b"};
  std::vector<std::string> ids;
  for (const std::string& key : keys) {
    ids.push_back(MessageId(key, kFrom));
    EXPECT_EQ(ids.back(), MessageId(key, kFrom)) << "the same at every try";
    EXPECT_EQ(std::count(ids.back().begin(), ids.back().end(), '@'), 1);
    EXPECT_LT(ids.back().size(), 300U);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(MessageId("ep-1", kFrom), "<ep-1@example.org>");
}

TEST(MailDate, IsRfc5322InUtc) {
  EXPECT_EQ(MailDate(0), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(MailDate(1'709'251'199'999), "Thu, 29 Feb 2024 23:59:59 +0000");
  EXPECT_EQ(MailDate(1'795'361'843'042), "Sun, 22 Nov 2026 15:37:23 +0000");
}

}  // namespace
}  // namespace notifier
