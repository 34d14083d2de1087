-- Library, after floods.lua: the pace that a 429 teaches (buckets.lua says what it is).
--
-- Whose limit was it? One 429 does not say. It was that of all chats if several chats are told within a second: who runs into
-- it is refused whatever chat comes next. It was the chat's if it is told twice with no other between (of a
-- message that was admitted after it was told first), or has a pace of its own
-- already, or if the bot sends so little that it cannot be the bot. Else nobody learns: if it was the bot, two more chats will
-- be told within the second, and if it was the chat, it will be told again.
--
-- How low? Multiplicative decrease: to 0.7 of the rate at which it was told; to 0.9 where that rate is known to be Telegram's
-- own: because it was told before a window was full at this pace, as happens after a park (what has no pace yet comes in bursts,
-- of which nobody knows in which order they arrived), or because it was told at about this rate before. Small steps there
-- are what keeps the rate even. Never below 0.4 of the pace at once, nor 1/20 of the limit.
-- All 429s of one event count once: of messages that were admitted before the pace was lowered or while Telegram, by its
-- Retry-After, still refused.

-- Lowers the pace of a bucket, since a message that was admitted at <admitted> was told 429, and <others> beside it just now.
-- Returns whether it did.
local function bucket_lower(key, kind, capacity, span, admitted, others, park, now)
  local EVENT = 5000000 -- the longest that one lasts: what comes later is news
  local buckets = bucket_library()
  local raw, pace = buckets.current(redis.call('GET', key) or EMPTY, kind, now)
  local window, unit = buckets.window(kind, capacity, span)
  local limit = capacity * 1000000 / window
  local since, heard, before, tat, rate = now, 0, 0, 0, limit
  if pace then
    local _
    since, _, heard, _, before, _, tat = read('<ddddddd', pace)
    rate = math.min(limit, buckets.rate(pace, unit, now))
  end
  if admitted <= heard then
    return false
  end
  local _, parked, expires, _, places = read('<dddBB', raw)
  local size = #raw - places * 28
  local told, step = rate, math.abs(rate - before) < 0.15 * before and 0.9 or 0.7
  if pace and kind == WINDOW and capacity >= 5 then
    local count = bucket_live(raw, size, admitted - span) - bucket_live(raw, size, admitted)
    if count * 1000000 < 0.9 * rate * window then
      told, step = max(0, count - 1 - others) * 1000000 / window, 0.9
    end
  end
  local began = max(step * told, 0.4 * rate, limit / 20)
  told = max(told, began / 0.9)
  local rises = max(0, limit / (0.95 * told) - 1) ^ (1 / 3)
  local forgotten = math.ceil(now + unit * (40 + 60 * rises))
  pace = pack('<ddddddd', since, now, now + math.min(park, EVENT), began, told, forgotten, tat)
  local line, lapses = buckets.line(raw, places, '', now)
  redis.call('DEL', key) -- so that it works when memory is full, as a park does
  buckets.write(key, parked, expires, kind, sub(raw, 27, size), line, lapses, now, pace)
  return true
end

-- Learns from a 429 after bucket_flood.
--   keys: the bucket of all chats' messages that it was charged to, its chat's or nil, its group's or nil
--   limits: of these three B kind (0 if there is none), I4 capacity, d span
-- Returns 0 if nothing was learned, or which of the three was lowered.
local function bucket_learn(keys, limits, floods, admitted, again, park, counts, many, now)
  if admitted > now or admitted < now - 3600000000 then
    return 0 -- by a clock that is not this one
  end
  local buckets = bucket_library()
  local function limit_of(i)
    return read('<BI4d', limits, i * 13 - 12)
  end
  local function bucket_of(i, kind)
    return buckets.current(redis.call('GET', keys[i]) or EMPTY, kind, now)
  end
  local function lower(i, others)
    local kind, capacity, span = limit_of(i)
    return bucket_lower(keys[i], kind, capacity, span, admitted, others, park, now) and i or 0
  end
  local kind, capacity, span = limit_of(1)
  local raw, pace = bucket_of(1, kind)
  local window, unit = buckets.window(kind, capacity, span)
  local rate = pace and math.min(capacity * 1000000 / window, buckets.rate(pace, unit, now)) or capacity * 1000000 / window
  -- At a slow pace they need longer to be told.
  local within = pace and max(counts, math.ceil(4000000 / rate)) or counts
  local told = redis.call('ZCOUNT', floods, string.format('%.0f', now - within), string.format('%.0f', now))
  if not keys[2] or told >= many then
    return lower(1, max(0, told - 1))
  elseif pace and admitted <= read('<d', pace, 17) then
    return 0 -- that was it
  end
  local own_kind, own_capacity, own_span = limit_of(2)
  local _, own = bucket_of(2, own_kind)
  local grouped = 0
  if keys[3] then
    local group_kind, group_capacity, group_span = limit_of(3)
    local group, group_pace = bucket_of(3, group_kind)
    local size = #group - string.byte(group, 26) * 28
    own = own or group_pace
    -- Retry-After tells which of the two, too: that of a short window is short.
    if park >= 10 * buckets.window(own_kind, own_capacity, own_span)
        or buckets.used(group_kind, group, size, group_span, now) >= 0.8 * group_capacity then
      grouped = 1
    end
  end
  local size = #raw - string.byte(raw, 26) * 28
  if again and again < admitted or own or buckets.used(kind, raw, size, span, now) < 0.25 * rate * window / 1000000 then
    return lower(2 + grouped, 0)
  end
  return 0
end

-- All that follows a 429.
--   keys: chat, bot, recent floods, as bucket_flood takes them; of all chats' messages that it was charged to; the group's if any
--   lesson: d when it was admitted, and the limits as bucket_learn takes them; or nothing to learn nothing
-- Returns 1 if the whole bot is parked now, and what bucket_learn does.
local function bucket_told(keys, name, park, counts, many, lesson, now)
  local parked, again = bucket_flood(keys[1], keys[2], keys[3], name, park, counts, many, now)
  if lesson == '' then
    return parked, 0
  end
  local own = keys[1] ~= keys[2] and keys[1] or nil
  return parked, bucket_learn({ keys[4], own, keys[5] }, sub(lesson, 9), keys[3], read('<d', lesson), again, park, counts, many, now)
end
