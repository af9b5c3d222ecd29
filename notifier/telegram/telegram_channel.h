#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/curl_client.h"
#include "notifier/channel.h"
#include "notifier/telegram/chat.h"
#include "notifier/telegram/classify.h"
#include "notifier/telegram/pacing.h"

namespace notifier {

struct TelegramOptions {
  std::string api_url = "https://api.telegram.org";  // or one's own Bot API server
  std::string token_file;                            // one line, as @BotFather gave it
  std::string proxy;                                 // as base::HttpCall::proxy
  std::string ca_file;                               // empty: the system's
  std::set<std::string> silent_severities;           // messages of these make no sound
  base::Millis timeout{30'000};                      // of one call
};

// The seam to the network: base::CurlClient::Http in the program, a fake in tests.
using SendHttp = std::function<base::HttpOutcome(const base::HttpCall&, const std::stop_token&)>;

// Messages to chats by a Telegram bot. The target of a message is CHAT or CHAT/TOPIC (ParseChat),
// its text one of Split's. Reads the token at each try; the token goes into the URL of the call and
// nowhere else. A group that became a supergroup is followed at once and, for the life of this
// object, from the start; without a quote then, since the old group's ids mean other messages
// there. When the topic is closed or gone the message goes into the group without it: a page has to
// arrive. At most 3 calls in a Send, which never sends what was accepted once.
class TelegramChannel final : public Channel {
 public:
  // `clock` outlives the channel; it paces the messages (Pacing).
  TelegramChannel(TelegramOptions options, SendHttp send, const base::Clock* clock);
  [[nodiscard]] std::string_view name() const override { return "telegram"; }
  // Three calls, and before each a wait for its turn.
  [[nodiscard]] base::Millis LongestSend() const override;
  // A wait for the turn is ended by `stop`: kTemporary, nothing was sent. So is a chat that a 429
  // asked to leave alone for longer than a turn: the other chats shall not wait for it.
  SendResult Send(const Message& message, const Attempt& attempt,
                  const std::stop_token& stop) override;

  // Of the wait for a turn; longer than any that Pacing asks for without a 429.
  static constexpr base::Millis kLongestTurn{5'000};

 private:
  // What a try has learned: where to, and what to leave out.
  struct Way {
    Chat chat;
    Attempt attempt;
    bool migrated = false;
    std::string note;  // for the history
  };
  [[nodiscard]] base::Result<std::string> ReadToken() const;
  // nullopt: it is this message's turn.
  [[nodiscard]] std::optional<SendResult> WaitTurn(const Chat& chat,
                                                   const std::stop_token& stop) const;
  Verdict Call(const base::HttpCall& call, const Chat& chat, const std::stop_token& stop);
  // Whether the verdict shows another way, to be tried at once.
  bool Redirect(const Verdict& verdict, const std::string& chat_id, Way* way);
  void Remember(const std::string& chat_id, const std::string& supergroup);

  const TelegramOptions options_;
  const SendHttp send_;
  const base::Clock* const clock_;
  Pacing pacing_;
  std::map<std::string, std::string> supergroups_;  // by the id of the group as it was
};

}  // namespace notifier
