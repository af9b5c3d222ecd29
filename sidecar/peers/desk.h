#pragma once

#include <string>

#include "base/clock.h"
#include "base/http.h"
#include "sidecar/peers/identity.h"
#include "sidecar/store/store.h"

// What peers are answered. Scope: peer. Any thread.
namespace sidecar::peers {

inline constexpr std::size_t kMaxQuestionBytes = 64 << 10;
inline constexpr std::size_t kMaxNewsBytes = 2 << 20;

// POST /api/v1/peer/delivery: what became of a message here (question.h). 400 for what is no
// question, 503 when the history cannot be read.
base::HttpResponse AnswerDelivery(const store::Store& store, const Identity& own,
                                  const base::HttpRequest& request, base::WallMs now);

// GET /api/v1/peer/identity: who this is.
base::HttpResponse AnswerIdentity(const Identity& own);

// POST /api/v1/peer/delivered: a peer tells what its servers accepted. Our own rows about the same,
// unless one is on its way right now, are settled: {"settled": 1}.
base::HttpResponse TakeNews(store::Store* store, const base::HttpRequest& request,
                            base::WallMs now);

}  // namespace sidecar::peers
