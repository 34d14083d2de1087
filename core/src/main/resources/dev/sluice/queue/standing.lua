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

  -- The time between two turns under the limit of that number: longer where its bucket, nil if it was not charged, has a pace.
  function standing.apart(limit, raw)
    local kind, capacity, span = read('<BI4d', asked_limits, limit * 13 - 12)
    local apart = kind == WINDOW and span / capacity or span
    if raw and string.byte(raw, 25) >= LEARNED then
      local buckets = bucket_library()
      local _, pace = buckets.split(raw, now)
      apart = pace and max(apart, (buckets.spacing(pace, kind, capacity, span, now))) or apart
    end
    return apart
  end

  -- When the queue is owed its next turn, after one of <cost>, if turns are that far apart: 16, 4 or 1 of 21 are its.
  function standing.owed_next(owed, cost, stride, apart)
    return floor(min(now, max(owed, now - LATE)) + cost * stride * 21 / 16 * apart)
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
