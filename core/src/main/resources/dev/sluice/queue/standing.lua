-- Library, after questions.lua: how the queue stands among the calls that wait. These wait in their own processes; where they
-- meet the queue is the line of a bucket (decision.lua). At the buckets of a chat the queue stands by the message's place in
-- it; at those of all chats first, as often as its priority's share says, and else last, since calls are somebody's who waits
-- for the answer. One name for all, since a script may have 200.

local standing = {}
do
  local OVERTAKES = 30000000 -- how much later a call or message of one priority more may come and go first
  local LATE = 1000000 -- what the queue could not use of its share within this time it may make up for

  -- Before whom a message stands at the buckets of all chats, and since when at its own.
  function standing.of(number, rank, in_front, owed)
    local first = (rank == 0 or owed <= now) and 0 or math.huge
    if rank == 0 or in_front then
      return first, 0
    end
    return first, max(tonumber(number), now - OVERTAKES) + (rank - 1) * OVERTAKES
  end

  -- When the queue is owed its next turn under the limit of that number, after one of <cost>: 16, 4 or 1 of 21 are its.
  function standing.owed_next(owed, cost, stride, limit)
    local kind, capacity, span = read('<BI4d', asked_limits, limit * 13 - 12)
    local every = cost * stride * 21 / 16 * (kind == WINDOW and span / capacity or span)
    return floor(min(now, max(owed, now - LATE)) + every)
  end

  -- After a denial at a bucket of all chats where calls wait, too: whoever is owed its turn takes a place there, or calls would
  -- be there first every time. Returns when the queue may ask with more right than now, and whether the bucket was written.
  function standing.denied(key, raw, asked, cost, denial, first, owed)
    if denial.cause == 'PARK' or string.byte(raw, 26) == 0 then
      return math.huge, false
    elseif first > 0 then
      return owed, false
    end
    local process, held = sub(asked, 1, 8), denial.at + BUCKET_GRACE
    waiting_library(bucket_library()).join(key, raw, process, cost, 0, held, now)
    return math.huge, true
  end
end
