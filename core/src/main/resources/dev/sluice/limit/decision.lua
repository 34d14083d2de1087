-- Library, after buckets.lua: one decision over several buckets. bucket_decide works out what a charge would write;
-- bucket_charge writes it, or bucket_deny says why not and writes who waits.

-- Charges the weight, whether it fits or not. Returns from where on the times are kept, the times that are new, when the
-- bucket is empty, and how many of weight 1 fit then.
local function bucket_charged(kind, raw, last, capacity, span, weight, now)
  local newest = read('<d', raw, last)
  local at = max(now, newest) -- ahead of now after a charge of several windows
  if kind ~= WINDOW then
    local tat = at + weight * span
    return last + 8, pack('<d', tat), tat, max(0, math.floor(capacity - (tat - now) / span))
  elseif weight > capacity then
    -- Fills the following windows too, in advance; only the last <capacity> are worth keeping.
    local windows = math.ceil(weight / capacity)
    local rest = weight - (windows - 1) * capacity
    local latest = at + (windows - 1) * span
    local times = string.rep(pack('<d', latest - span), capacity - rest) .. string.rep(pack('<d', latest), rest)
    return last + 8, times, latest + span, 0
  end
  local times, keep = pack('<d', at), last + 8
  if weight > 1 then
    times = string.rep(times, weight)
  end
  if newest > now - span then
    keep = max(bucket_live(raw, last, now - span), keep - (capacity - weight) * 8)
  end
  return keep, times, at + span, capacity - weight - (last + 8 - keep) / 8
end

-- The oldest place that the process has in any of the lines; none: as young as can be.
local function bucket_seniority(raws, count, process, now)
  local seniority = math.huge
  for i = 1, count do
    local places = raws[i] and string.byte(raws[i], 26) or 0
    if places > 0 then
      local _, _, since = bucket_line(raws[i], places, process, now)
      seniority = math.min(seniority, since or seniority)
    end
  end
  return seniority
end

-- The earliest time and its reason, for someone who stands behind the older ones of a line.
local function bucket_turn(kind, raw, last, capacity, span, weight, line, seniority, now)
  local ahead, lapse = 0, now
  for at = 1, #line, 28 do
    local _, others, since, held = read('<c8I4dd', line, at)
    if since < seniority then
      ahead, lapse = ahead + others, max(lapse, held + 1)
    end
  end
  local earliest = bucket_earliest(kind, raw, last, capacity, span, weight, ahead, now)
  if ahead > 0 and earliest > now and bucket_earliest(kind, raw, last, capacity, span, weight, 0, now) <= now then
    -- There is room, if only those ahead do not come.
    return math.min(earliest, lapse), 'TURN'
  end
  return earliest, 'LIMIT'
end

-- Decides without writing.
--   raws: the buckets' values, false where there is none; one that must be mended is, in place
--   asked: in one string c8 process of whoever waits, or NOBODY; B 1 to ask only whether a bucket is parked; then per
--     bucket B kind, I4 capacity, d span (window or interval) in microseconds, I4 weight
-- Returns the denial, or nil and what bucket_charge writes: the buckets' new values, the TTLs of those whose key must live
-- longer, and what remains in each.
local function bucket_decide(raws, asked, now)
  local process, overdraft, position = read('<c8B', asked)
  local count, seniority, mended = (#asked - 9) / 17, math.huge, nil
  if process ~= NOBODY then
    seniority = bucket_seniority(raws, count, process, now)
  end
  local values, ttls, remaining = {}, {}, {}
  local at, limiting, cause = now, 0, 'LIMIT'
  for i = 1, count do
    local raw, last, expires, line, lapses, earliest, reason = raws[i] or EMPTY, 27, 0, '', 0, now, 'LIMIT'
    local kind, capacity, span, weight, after = read('<BI4dI4', asked, position)
    position = after
    if raw ~= EMPTY then
      local written, parked, stored, places
      written, parked, expires, stored, places = read('<dddBB', raw)
      if now < written or stored ~= kind and stored ~= 0 then
        raw, mended = bucket_mended(raw, kind, now), mended or {}
        raws[i], mended[i] = raw, true
        written, parked, expires = read('<ddd', raw)
      end
      last = #raw - places * 28 - 7
      if places > 0 then
        line, lapses = bucket_line(raw, places, process, now)
      end
      if weight > 0 and overdraft == 0 then
        if line == '' then
          earliest = bucket_earliest(kind, raw, last, capacity, span, weight, 0, now)
        else
          earliest, reason = bucket_turn(kind, raw, last, capacity, span, weight, line, seniority, now)
        end
      end
      if parked > now and parked >= earliest then
        earliest, reason = parked, 'PARK'
      end
    end
    if earliest > at then
      at, limiting, cause = earliest, i, reason
    elseif limiting == 0 and weight > 0 then
      local keep, times, empty, left = bucket_charged(kind, raw, last, capacity, span, weight, now)
      local needed = max(empty, lapses) + 1000000
      if expires < needed then
        -- For longer than needed, so that the next charges need not move it: a key that ends late is an empty bucket.
        expires = needed + math.min(span, 10000000)
        ttls[i] = string.format('%d', (expires - now) / 1000)
      end
      -- Whatever park there was has ended, or it would not be allowed.
      values[i] = pack('<dddBB', now, 0, expires, kind, #line / 28) .. sub(raw, keep, last + 7) .. times .. line
      remaining[i] = left
    elseif limiting == 0 then
      remaining[i] = max(0, capacity - bucket_used(kind, raw, last, span, now))
    end
  end
  if limiting == 0 then
    return nil, values, ttls, remaining
  end
  return { at = at, limiting = limiting, cause = cause, process = process, seniority = seniority, mended = mended or {} }
end

-- Charges every bucket. Appends to the reply: 1, the time that it counts from, then the remaining weight of each bucket.
local function bucket_charge(keys, values, ttls, remaining, now, reply)
  local at = #reply + 2
  reply[at - 1], reply[at] = 1, now
  for i, left in ipairs(remaining) do
    if ttls[i] then
      redis.call('PSETEX', keys[i], ttls[i], values[i])
    elseif values[i] then
      redis.call('SET', keys[i], values[i], 'KEEPTTL')
    end
    reply[at + i] = left
  end
  return reply
end

-- Gives the process its place, or keeps it for longer.
local function bucket_join(key, raw, process, weight, seniority, held, now)
  local _, parked, expires, kind, places = read('<dddBB', raw)
  local line, lapses, mine, mine_held = bucket_line(raw, places, process, now)
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
  bucket_write(key, parked, expires, kind, sub(raw, 27, #raw - places * 28), line, max(lapses, held), now)
end

-- Gives the waiter its place in line. Appends to the reply: 0, the limiting bucket's position, its cause, microseconds to
-- wait, its remaining weight.
local function bucket_deny(keys, raws, asked, denial, now, reply)
  local limiting, at = denial.limiting, #reply
  for i in pairs(denial.mended) do
    -- Written down, or time would not go on until the next charge.
    bucket_rewrite(keys[i], raws[i], 0, now)
  end
  local raw = raws[limiting]
  local kind, capacity, span, weight = read('<BI4dI4', asked, limiting * 17 - 7)
  if denial.process ~= NOBODY and denial.cause ~= 'PARK' then
    bucket_join(keys[limiting], raw, denial.process, weight, denial.seniority, denial.at + BUCKET_GRACE, now)
  end
  local last = #raw - string.byte(raw, 26) * 28 - 7
  reply[at + 1], reply[at + 2], reply[at + 3], reply[at + 4] = 0, limiting, denial.cause, denial.at - now
  reply[at + 5] = max(0, capacity - bucket_used(kind, raw, last, span, now))
  return reply
end
