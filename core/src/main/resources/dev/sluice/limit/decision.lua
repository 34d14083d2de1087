-- Library, after buckets.lua: one decision over several buckets. bucket_decide works out what a charge would write;
-- bucket_charge writes it, or bucket_deny says why not and writes who waits.

-- Whether whoever asks says when it came, and for how long it stays.
local function says_when(asked)
  return #asked % 17 == 8
end

-- What a decision needs where somebody stands in line.
local function waiting_library(buckets)
  local waiting = {}

  -- Since when whoever asks stands in line: since it came, if it says when; else the oldest place that the process has in any
  -- of the lines, and none is as young as can be. Mends what must be, in place.
  function waiting.seniority(raws, asked, process, mended, now)
    local seniority = math.huge
    if says_when(asked) then
      return now - read('<d', asked, #asked - 15)
    end
    for i = 1, (#asked - 9) / 17 do
      local written, _, _, stored, places = read('<dddBB', raws[i] or EMPTY)
      if now < written then
        raws[i], mended[i] = buckets.mended(raws[i], stored % LEARNED, now), true
      end
      if places > 0 then
        local _, _, since = buckets.line(buckets.split(raws[i], now), places, process, now)
        seniority = math.min(seniority, since or seniority)
      end
    end
    return seniority
  end

  -- The earliest time and its reason, for someone who stands behind the older ones of a line.
  function waiting.turn(kind, raw, size, capacity, span, weight, line, seniority, now, pace)
    local ahead, lapse = 0, now
    for at = 1, #line, 28 do
      local _, others, since, held = read('<c8I4dd', line, at)
      if since < seniority then
        ahead, lapse = ahead + others, max(lapse, held + 1)
      end
    end
    local earliest, reason = buckets.earliest(kind, raw, size, capacity, span, weight, ahead, now), 'LIMIT'
    local room = ahead > 0 and buckets.earliest(kind, raw, size, capacity, span, weight, 0, now) <= now
    local paced = pace and buckets.paced_earliest(pace, kind, capacity, span, ahead, now)
    if paced and paced > earliest then
      earliest, reason = paced, 'LEARNED'
      room = room and buckets.paced_earliest(pace, kind, capacity, span, 0, now) <= now
    end
    if room and earliest > now then
      -- There is room, if only those ahead do not come.
      return math.min(earliest, lapse), 'TURN'
    end
    return earliest, reason
  end

  -- Gives the process its place, or keeps it for longer.
  function waiting.join(key, raw, process, weight, seniority, held, now)
    local pace
    raw, pace = buckets.split(raw, now)
    local _, parked, expires, kind, places = read('<dddBB', raw)
    local line, lapses, mine, mine_held = buckets.line(raw, places, process, now)
    if not mine and #line >= BUCKET_PLACES * 28 then
      return
    end
    if seniority == math.huge then
      -- Comes from nowhere: behind the last, even within the same microsecond.
      seniority = now
      if line ~= '' then
        local _, _, since = read('<c8I4dd', line, #line - 27)
        seniority = max(now, since + 1)
      end
    end
    local before = #line
    while before > 0 do
      local _, _, since = read('<c8I4dd', line, before - 27)
      if since <= seniority then break end
      before = before - 28
    end
    held = max(held, mine_held or 0)
    line = sub(line, 1, before) .. pack('<c8I4dd', process, weight, seniority, held) .. sub(line, before + 1)
    buckets.write(key, parked, expires, kind, sub(raw, 27, #raw - places * 28), line, max(lapses, held), now, pace)
  end

  return waiting
end

-- Decides without writing.
--   raws: the buckets' values, false where there is none; one written before the clock jumped back is mended in place
--   asked: in one string c8 process of whoever waits, or NOBODY; B 1 to ask only whether a bucket is parked; then per
--     bucket B kind, I4 capacity, d span (window or interval) in microseconds, I4 weight; then, if a place in line is given by
--     when one came and not by when one was denied, d how long ago that was, less than nothing lets later ones go first; d for how
--     long one stays: a place ends then, however far its turn is, since it would hold others up for nobody
--   shared, shared_since, since: for a message of the queue, which stands in no line: the first <shared> of its buckets are
--     everybody's, where it goes before those who stand there since later than <shared_since>, and not before the line is empty
--     if that is never; at the others, since <since>
-- Returns the denial, or nil and what bucket_charge writes: the buckets' new values, the TTLs of those whose key must live
-- longer, and what remains in each.
local function bucket_decide(raws, asked, now, shared, shared_since, since)
  local process, overdraft, position = read('<c8B', asked)
  local buckets, waiting, seniority, mended = nil, nil, nil, {}
  local values, ttls, remaining = {}, {}, {}
  local at, limiting, cause = now, 0, 'LIMIT'
  for i = 1, (#asked - 9) / 17 do
    local raw, expires, newest, line, lapses, earliest, reason = raws[i] or EMPTY, 0, 0, '', 0, now, 'LIMIT'
    local kind, capacity, span, weight, after = read('<BI4dI4', asked, position)
    local size, several, pace = 34, kind == WINDOW and weight > capacity, nil
    position = after
    if several or weight == 0 then
      buckets = buckets or bucket_library()
    end
    if raw ~= EMPTY then
      local written, parked, stored, places
      written, parked, expires, stored, places, newest = read('<dddBBd', raw)
      if now < written or stored ~= kind and stored ~= 0 then
        buckets = buckets or bucket_library()
        if now < written then
          raws[i], mended[i] = buckets.mended(raw, stored % LEARNED, now), true
        end
        raw, pace = buckets.current(raws[i], kind, now) -- a state of the other kind goes once it is charged
        written, parked, expires, stored, places, newest = read('<dddBBd', raw)
      end
      size = #raw - places * 28
      if places > 0 then
        buckets = buckets or bucket_library()
        waiting = waiting or waiting_library(buckets)
        if shared then
          seniority = i <= shared and shared_since or since
        else
          seniority = seniority or waiting.seniority(raws, asked, process, mended, now)
        end
        line, lapses = buckets.line(raw, places, process, now)
      end
      if weight > 0 and overdraft == 0 then
        local leaves = 27 + (capacity - weight) * 8 -- where a window's admission stands that must have left
        if line ~= '' then
          earliest, reason = waiting.turn(kind, raw, size, capacity, span, weight, line, seniority, now, pace)
          if shared and seniority == math.huge and earliest <= now then
            -- A place says that a process has somebody waiting, not how many: the queue would take what is theirs.
            earliest, reason = now + 10000, 'TURN'
          end
        elseif several then
          earliest = newest + span
        elseif kind ~= WINDOW then
          earliest = newest - max(0, capacity - weight) * span
        elseif leaves < size then
          earliest = read('<d', raw, leaves) + span
        end
        local paced = pace and line == '' and buckets.paced_earliest(pace, kind, capacity, span, 0, now)
        if paced and paced > earliest then
          earliest, reason = paced, 'LEARNED'
        end
      end
      if parked > now and parked >= earliest then
        earliest, reason = parked, 'PARK'
      end
    end
    if earliest > at then
      at, limiting, cause = earliest, i, reason
    elseif limiting > 0 then -- denied: nothing will be written
    elseif weight == 0 then
      remaining[i] = max(0, capacity - buckets.used(kind, raw, size, span, now))
    else
      -- The newest may be ahead of now, after several windows.
      -- The state: the newest time as often as it counts, then older ones. Put together once, since a large window's is long.
      local first, same, older, empty, left = newest > now and newest or now, '', '', nil, 0
      if several then
        older, empty = buckets.filled(raw, capacity, span, weight, now)
        first, older = read('<d', older), sub(older, 9)
      elseif kind ~= WINDOW then
        empty = first + weight * span
        first, left = empty, max(0, math.floor(capacity - (empty - now) / span))
      else
        left = capacity - weight
        if newest > now - span then
          local keep = bucket_live(raw, size, now - span)
          keep = keep < left and keep or left
          older, left = sub(raw, 27, 26 + keep * 8), left - keep
        end
        empty = first + span
        if weight > 1 then
          same = string.rep(pack('<d', first), weight - 1)
        end
      end
      local needed = (empty > lapses and empty or lapses) + 1000000
      if expires < needed then
        -- For longer than needed, so that the next charges need not move it: a key that ends late is an empty bucket.
        expires = needed + math.min(span, 10000000)
        ttls[i] = string.format('%d', (expires - now) / 1000)
      end
      -- Whatever park there was has ended, or it would not be allowed.
      values[i] = pack('<dddBBd', now, 0, expires, kind, #line / 28, first) .. same .. older .. line
      if pace then
        pace = buckets.paced_charged(pace, kind, capacity, span, weight, now, now)
        values[i] = buckets.paced(values[i], pace)
        left = math.min(left, buckets.paced_remaining(pace, kind, capacity, span, now))
      end
      remaining[i] = left
    end
  end
  if limiting == 0 then
    return nil, values, ttls, remaining
  end
  return { at = at, limiting = limiting, cause = cause, process = process, seniority = seniority, mended = mended }
end

-- Charges every bucket. Appends to the reply: 1, the time that it counts from, then the remaining weight of each bucket.
local function bucket_charge(keys, values, ttls, remaining, now, reply)
  local at, call = #reply + 2, redis.call
  reply[at - 1], reply[at] = 1, now
  for i = 1, #remaining do
    if ttls[i] then
      call('PSETEX', keys[i], ttls[i], values[i])
    elseif values[i] then
      call('SET', keys[i], values[i], 'KEEPTTL')
    end
    reply[at + i] = remaining[i]
  end
  return reply
end

-- Gives the waiter its place in line. Appends to the reply: 0, the limiting bucket's position, its cause, microseconds to
-- wait, its remaining weight.
local function bucket_deny(keys, raws, asked, denial, now, reply)
  local buckets, limiting, at = bucket_library(), denial.limiting, #reply
  for i in pairs(denial.mended) do
    -- Written down, or time would not go on until the next charge.
    buckets.rewrite(keys[i], raws[i], 0, now)
  end
  local raw = raws[limiting]
  local kind, capacity, span, weight = read('<BI4dI4', asked, limiting * 17 - 7)
  if denial.process ~= NOBODY and denial.cause ~= 'PARK' then
    local waiting = waiting_library(buckets)
    local seniority = denial.seniority or waiting.seniority(raws, asked, denial.process, {}, now)
    local held = denial.at + BUCKET_GRACE
    if says_when(asked) then
      held = math.min(held, now + read('<d', asked, #asked - 7))
    end
    waiting.join(keys[limiting], raw, denial.process, weight, seniority, held, now)
  end
  local pace
  raw, pace = buckets.split(raw, now)
  local size, used = #raw - string.byte(raw, 26) * 28, 0
  if string.byte(raw, 25) == kind then
    used = buckets.used(kind, raw, size, span, now)
  end
  reply[at + 1], reply[at + 2], reply[at + 3], reply[at + 4] = 0, limiting, denial.cause, denial.at - now
  reply[at + 5] = max(0, capacity - used)
  if pace then
    reply[at + 5] = math.min(reply[at + 5], buckets.paced_remaining(pace, kind, capacity, span, now))
  end
  return reply
end
