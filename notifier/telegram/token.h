#pragma once

#include <string>
#include <string_view>

// A bot token is all that is needed to speak as the bot, and it stands in the URL of every call: no
// text that came from outside may carry it on. Pure.
namespace notifier {

// "DIGITS:SECRET", a secret of 30 or more of [A-Za-z0-9_-], as @BotFather gives it.
bool IsBotToken(std::string_view text);

// The text with "(hidden)" for all that looks like a token: digits, a colon (or "%3A"), at least 8
// characters of a secret.
std::string HideTokens(std::string_view text);

// Whether 8 characters in a row of this token's secret are in the text.
bool TellsToken(std::string_view text, std::string_view token);

}  // namespace notifier
