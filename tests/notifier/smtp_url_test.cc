#include <gtest/gtest.h>

#include "notifier/email/email_channel.h"

namespace notifier {
namespace {

using base::MailTls;

struct Good {
  const char* url;
  const char* tls;
  const char* host;
  int port;
  MailTls expected_tls;
  const char* user;
};

TEST(ParseSmtpUrl, ReadsWhatItPromises) {
  const Good cases[] = {
      {"smtp://mx.example.org", "", "mx.example.org", 587, MailTls::kStartTls, ""},
      {"smtps://mx.example.org", "", "mx.example.org", 465, MailTls::kImplicit, ""},
      {"SMTPS://mx", "", "mx", 465, MailTls::kImplicit, ""},
      {"smtp://mx:2525/", "", "mx", 2525, MailTls::kStartTls, ""},
      {"smtp://ops@mx:25", "", "mx", 25, MailTls::kStartTls, "ops"},
      {"smtps://ops%40example.org@mx", "", "mx", 465, MailTls::kImplicit, "ops@example.org"},
      {"smtp://ops@example.org@mx", "", "mx", 587, MailTls::kStartTls, "ops@example.org"},
      {"smtp://127.0.0.1:1", "none", "127.0.0.1", 1, MailTls::kNone, ""},
      {"smtp://[::1]:25", "", "::1", 25, MailTls::kStartTls, ""},
      {"smtp://[fe80::1]", "", "fe80::1", 587, MailTls::kStartTls, ""},
      {"smtp://mx:465", "implicit", "mx", 465, MailTls::kImplicit, ""},
      {"smtps://mx", "starttls", "mx", 465, MailTls::kStartTls, ""},
  };
  for (const Good& each : cases) {
    const auto server = ParseSmtpUrl(each.url, each.tls);
    ASSERT_TRUE(server.ok()) << each.url << ": " << server.error().message;
    EXPECT_EQ(server->host, each.host) << each.url;
    EXPECT_EQ(server->port, each.port) << each.url;
    EXPECT_EQ(server->tls, each.expected_tls) << each.url;
    EXPECT_EQ(server->user, each.user) << each.url;
  }
}

TEST(ParseSmtpUrl, RefusesTheRestAndShowsNoSecret) {
  for (const char* url : {"",
                          "mx.example.org",
                          "http://mx",
                          "smtp:/mx",
                          "smtp://",
                          "smtp://ops@",
                          "smtp://@mx",
                          "smtp://:25",
                          "smtp://mx:",
                          "smtp://mx:0",
                          "smtp://mx:65536",
                          "smtp://mx:-1",
                          "smtp://mx:25x",
                          "smtp://mx/path",
                          "smtp://mx?x=y",
                          "smtp://mx#x",
                          "smtp://a b",
                          "smtp://mx\r\nQUIT",
                          "smtp://[::1",
                          "smtp://[]:25",
                          "smtp://[::1]25",
                          "smtp://::1",
                          "smtp://ops%0d%0aQUIT@mx",
                          "smtp://ops%4@mx",
                          "smtp://ops%zz@mx",
                          "smtp://mx/x@mx",
                          "smtp://ops:SECRET@mx",
                          "smtp://ops:SECRET@mx/path",
                          "smtp://SECRET@mx:0"}) {
    const auto server = ParseSmtpUrl(url, "");
    ASSERT_FALSE(server.ok()) << url;
    EXPECT_EQ(server.error().code, base::ErrorCode::kInvalid);
    EXPECT_EQ(server.error().message.find("SECRET"), std::string::npos) << server.error().message;
  }
}

TEST(ParseSmtpUrl, NoLoginInClear) {
  EXPECT_FALSE(ParseSmtpUrl("smtp://ops@mx", "none").ok());
  EXPECT_FALSE(ParseSmtpUrl("smtp://mx", "tls").ok()) << "an unknown word";
}

}  // namespace
}  // namespace notifier
