-- Library: rate-limit buckets. Decides over any number of buckets at once, then charges all or none.
--
-- A bucket is one string, little-endian:
--   d  written: the server's time of the last write, which tells when the clock has jumped back
--   d  parked: nothing passes before this time (Telegram said 429); 0 if not parked
--   d  empty: when the state stops counting; 0 if there is none
--   c1 kind of the state: 'W' strict window, 'G' GCRA
--   B  number of places in line, then per place, oldest first: c8 process, I4 weight, d since, d held until
--   then the state: for 'W' the times of the last <capacity> admissions, ascending, d each; for 'G' one d, the
--   theoretical arrival time (TAT).
-- Times are microseconds. Everything has a TTL: the moment from which the bucket would be empty again.
-- A place in line is a promise between processes: whoever was denied first is let in first. It costs no capacity, and
-- lapses BUCKET_GRACE after its turn, so that a process that died or lost interest holds nobody up for longer. Who comes
-- from one line into another keeps its seniority, so that the oldest is never held up by a turn: were it to go to the
-- end, processes that lead each other's lines could hold each other up for ever.
-- A limit that changes its kind starts with an empty state; parks and the line stay.
-- Buckets stay strings and few tables are made, because making tables is what costs most here.

local BUCKET_GRACE = 100000
local BUCKET_PLACES = 64
local BUCKET_HEAD, BUCKET_HEAD_SIZE = '<dddc1B', 26
local BUCKET_PLACE, BUCKET_PLACE_SIZE = '<c8I4dd', 28

local pack, read, max, sub = struct.pack, struct.unpack, math.max, string.sub

local function bucket_write(key, parked, empty, kind, line, state, last, now)
  local ends = max(parked, empty, last)
  if ends <= now then
    redis.call('DEL', key)
  else
    local value = pack(BUCKET_HEAD, now, parked, empty, kind, #line / BUCKET_PLACE_SIZE) .. line .. state
    -- One second more than needed: a key that ends a little late is only an empty bucket.
    redis.call('PSETEX', key, string.format('%d', (ends - now) / 1000 + 1001), value)
  end
end

-- The bucket as it would be had the clock not jumped back: as if no time had passed, so that nobody waits longer than
-- one window.
local function bucket_moved(raw, now)
  local written, parked, empty, kind, places, position = read(BUCKET_HEAD, raw)
  local shift = now - written
  local parts = { pack(BUCKET_HEAD, now, parked + shift, empty + shift, kind, places) }
  for _ = 1, places do
    local process, weight, since, held
    process, weight, since, held, position = read(BUCKET_PLACE, raw, position)
    parts[#parts + 1] = pack(BUCKET_PLACE, process, weight, since + shift, held + shift)
  end
  for at = position, #raw, 8 do
    parts[#parts + 1] = pack('<d', read('<d', raw, at) + shift)
  end
  return table.concat(parts)
end

-- How many units of weight count at <now>: the admissions younger than one window, by bisection.
local function bucket_window_used(times, window, now)
  local since, low, high = now - window, 0, #times / 8
  while low < high do
    local middle = math.floor((low + high) / 2)
    if read('<d', times, middle * 8 + 1) <= since then
      low = middle + 1
    else
      high = middle
    end
  end
  return #times / 8 - low
end

-- How many units of weight count at <now>, of either kind.
local function bucket_used(kind, state, span, now)
  if state == '' then
    return 0
  elseif kind == 'W' then
    return bucket_window_used(state, span, now)
  end
  return max(0, math.ceil((read('<d', state) - now) / span))
end

-- The earliest time at which <weight> fits after <ahead> others took theirs.
local function bucket_earliest(kind, state, capacity, span, weight, ahead, now)
  if kind == 'G' then
    local tat = state == '' and now or max(now, (read('<d', state)))
    return max(now, tat + (ahead - max(0, capacity - weight)) * span)
  end
  local size = #state
  if weight > capacity then
    -- Costs more than a window holds: waits for an empty one.
    local earliest = size == 0 and now or max(now, read('<d', state, size - 7) + span)
    if ahead > 0 then
      earliest = max(earliest, bucket_earliest(kind, state, capacity, span, 1, ahead - 1, now) + span)
    end
    return earliest
  end
  local need = ahead + weight
  local whole = math.floor((need - 1) / capacity)
  local at = size + (need - (whole + 1) * capacity) * 8 -- where the last admission ends that must have left
  local earliest = at > 0 and max(now, read('<d', state, at - 7) + span) or now
  return earliest + whole * span
end

-- Charges the weight, whether it fits or not. Returns the state, when it is empty, and how many of weight 1 fit now.
local function bucket_charged(kind, state, capacity, span, weight, now)
  if kind == 'G' then
    local tat = (state == '' and now or max(now, (read('<d', state)))) + weight * span
    return pack('<d', tat), tat, max(0, math.floor(capacity - (tat - now) / span))
  end
  local size, at, kept = #state, now, 0
  if size > 0 then
    at = max(now, (read('<d', state, size - 7))) -- ahead of now after a charge of several windows
    kept = max(0, math.min(bucket_window_used(state, span, now), capacity - weight))
  end
  if weight > capacity then
    -- Fills the following windows too, in advance; only the last <capacity> are worth keeping.
    local windows = math.ceil(weight / capacity)
    local rest = weight - (windows - 1) * capacity
    local last = at + (windows - 1) * span
    return string.rep(pack('<d', last - span), capacity - rest) .. string.rep(pack('<d', last), rest), last + span, 0
  end
  local time = pack('<d', at)
  if weight > 1 then
    time = string.rep(time, weight)
  end
  return kept == 0 and time or sub(state, size - kept * 8 + 1) .. time, at + span, capacity - kept - weight
end

-- The live places of a bucket, but for the process', as a string; when the last of them lapses; and the process' own:
-- since when and until when it is held, nil if it has none.
local function bucket_line(raw, process, now)
  local _, _, _, _, places, position = read(BUCKET_HEAD, raw)
  local line, last, mine_since, mine_held = '', 0, nil, nil
  for _ = 1, places do
    local name, _, since, held, after = read(BUCKET_PLACE, raw, position)
    if held >= now then
      if name == process then
        mine_since, mine_held = since, held
      else
        line, last = line .. sub(raw, position, after - 1), max(last, held)
      end
    end
    position = after
  end
  return line, last, mine_since, mine_held
end

-- The weight of the places older than a seniority, and when the last of them lapses.
local function bucket_ahead(line, seniority, now)
  local ahead, lapse = 0, now
  for position = 1, #line, BUCKET_PLACE_SIZE do
    local _, weight, since, held = read(BUCKET_PLACE, line, position)
    if since < seniority then
      ahead, lapse = ahead + weight, max(lapse, held + 1)
    end
  end
  return ahead, lapse
end

-- Gives the process its place, or keeps it for longer.
local function bucket_join(key, raw, process, weight, seniority, held, now)
  local line, last, mine, mine_held = bucket_line(raw, process, now)
  local _, parked, empty, kind, places = read(BUCKET_HEAD, raw)
  if not mine and #line >= BUCKET_PLACES * BUCKET_PLACE_SIZE then
    return
  end
  if seniority == math.huge then
    -- Comes from nowhere: behind the last, even within the same microsecond.
    seniority = now
    if line ~= '' then
      local _, _, since = read(BUCKET_PLACE, line, #line - BUCKET_PLACE_SIZE + 1)
      seniority = max(now, since + 1)
    end
  end
  local before = #line
  while before > 0 do
    local _, _, since = read(BUCKET_PLACE, line, before - BUCKET_PLACE_SIZE + 1)
    if since <= seniority then break end
    before = before - BUCKET_PLACE_SIZE
  end
  held = max(held, mine_held or 0)
  line = sub(line, 1, before) .. pack(BUCKET_PLACE, process, weight, seniority, held) .. sub(line, before + 1)
  local state = sub(raw, BUCKET_HEAD_SIZE + places * BUCKET_PLACE_SIZE + 1)
  bucket_write(key, parked, empty, kind, line, state, max(last, held), now)
end

-- Writes the same bucket anew, parked until <ends> at least.
local function bucket_rewrite(key, raw, ends, now)
  local _, parked, empty, kind, places, position = read(BUCKET_HEAD, raw)
  local line, last = bucket_line(raw, '', now)
  bucket_write(key, max(parked, ends), empty, kind, line, sub(raw, position + places * BUCKET_PLACE_SIZE), last, now)
end

-- Decides without writing.
--   keys, raws: the buckets' keys and values from index <first> on, <count> of them
--   args: from <arg> on, per bucket: kind, capacity, span (window or interval) in microseconds, weight
--   process: 8 characters of whoever waits, or '' if nobody does
--   overdraft: '1' to ask only whether a bucket is parked
-- Returns a table for bucket_commit, whose field <allowed> callers may read.
local function bucket_decide(keys, raws, first, count, args, arg, process, overdraft, now)
  local seniority, moved = math.huge, nil
  if process ~= '' then
    for i = first, first + count - 1 do
      if raws[i] and string.byte(raws[i], BUCKET_HEAD_SIZE) > 0 then
        if now < read('<d', raws[i]) then
          moved = moved or {}
          raws[i], moved[i] = bucket_moved(raws[i], now), true
        end
        local _, _, since = bucket_line(raws[i], process, now)
        seniority = math.min(seniority, since or seniority)
      end
    end
  end
  local states, at, limiting, cause = { '', '', '', '' }, now, 0, 'LIMIT'
  for i = 1, count do
    local raw, spec, state = raws[first + i - 1], arg + i * 4 - 4, ''
    if raw then
      local written, parked, _, stored, places, position = read(BUCKET_HEAD, raw)
      if now < written then
        raw, moved = bucket_moved(raw, now), moved or {}
        raws[first + i - 1], moved[first + i - 1] = raw, true
        written, parked = read('<dd', raw)
      end
      local kind, weight, earliest, reason = args[spec], args[spec + 3] + 0, now, 'LIMIT'
      if stored == kind then
        state = sub(raw, position + places * BUCKET_PLACE_SIZE)
      end
      if weight > 0 and overdraft ~= '1' then
        local capacity, span, ahead, lapse = args[spec + 1] + 0, args[spec + 2] + 0, 0, now
        if places > 0 then
          local line = bucket_line(raw, process, now)
          ahead, lapse = bucket_ahead(line, seniority, now)
        end
        earliest = bucket_earliest(kind, state, capacity, span, weight, ahead, now)
        if ahead > 0 and earliest > now and bucket_earliest(kind, state, capacity, span, weight, 0, now) <= now then
          -- There is room, if only those ahead do not come.
          earliest, reason = math.min(earliest, lapse), 'TURN'
        end
      end
      if parked > now and parked >= earliest then
        earliest, reason = parked, 'PARK'
      end
      if earliest > at then
        at, limiting, cause = earliest, i, reason
      end
    end
    states[i] = state
  end
  return {
    allowed = at <= now, at = at, limiting = limiting, cause = cause, process = process, seniority = seniority,
    keys = keys, raws = raws, first = first, count = count, args = args, arg = arg, states = states, moved = moved,
  }
end

local function bucket_charge(decision, now)
  local raws, args, reply = decision.raws, decision.args, { 1, now }
  for i = 1, decision.count do
    local index, spec, state = decision.first + i - 1, decision.arg + i * 4 - 4, decision.states[i]
    local kind, capacity, span, weight = args[spec], args[spec + 1] + 0, args[spec + 2] + 0, args[spec + 3] + 0
    if weight > 0 then
      local empty, line, last
      state, empty, reply[i + 2] = bucket_charged(kind, state, capacity, span, weight, now)
      if raws[index] and string.byte(raws[index], BUCKET_HEAD_SIZE) > 0 then
        line, last = bucket_line(raws[index], decision.process, now)
      end
      -- Whatever park there was has ended, or it would not have been allowed.
      bucket_write(decision.keys[index], 0, empty, kind, line or '', state, last or 0, now)
    else
      reply[i + 2] = max(0, capacity - bucket_used(kind, state, span, now))
    end
  end
  return reply
end

-- Carries a decision out: charges every bucket, or gives the waiter its place in line. Returns the reply:
--   allowed: 1, the time that it counts from, then the remaining weight of each bucket
--   denied:  0, the limiting bucket's position, its cause, microseconds to wait, its remaining weight
local function bucket_commit(decision, now)
  if decision.allowed then
    return bucket_charge(decision, now)
  end
  local limiting, args = decision.limiting, decision.args
  local spec, index = decision.arg + limiting * 4 - 4, decision.first + limiting - 1
  for i in pairs(decision.moved or {}) do
    -- Written down, or time would not go on until the next charge.
    bucket_rewrite(decision.keys[i], decision.raws[i], 0, now)
  end
  if decision.process ~= '' and decision.cause ~= 'PARK' then
    bucket_join(
      decision.keys[index], decision.raws[index], decision.process, args[spec + 3] + 0, decision.seniority,
      decision.at + BUCKET_GRACE, now)
  end
  local used = bucket_used(args[spec], decision.states[limiting], args[spec + 2] + 0, now)
  return { 0, limiting, decision.cause, decision.at - now, max(0, args[spec + 1] - used) }
end

-- Lets a charge made at <from> count from <to> on. It moves if it is found; if it was pushed out by newer ones it comes
-- back, in place of the oldest. GCRA cannot tell its charges apart and counts what was lost, up to a full bucket. Returns
-- the state and when it is empty.
local function bucket_postponed(kind, state, capacity, span, weight, from, to)
  if kind == 'G' then
    local tat = max(from + weight * span, state == '' and 0 or (read('<d', state)))
    tat = max(tat, math.min(tat + to - from, to + max(capacity, weight) * span))
    return pack('<d', tat), tat
  end
  local moved, left, several, place = pack('<d', to), {}, weight > capacity, nil
  local count = several and 0 or weight
  local found = 0
  for at = 1, #state, 8 do
    local time = read('<d', state, at)
    if several and time >= from then
      time = time + to - from
    elseif time == from and found < weight then
      found, time = found + 1, nil
    end
    if time then
      if not place and time > to then
        place = #left + 1
      end
      left[#left + 1] = pack('<d', time)
    end
  end
  place = place or #left + 1
  for _ = 1, count do
    table.insert(left, place, moved)
  end
  local times = table.concat(left, '', max(1, #left - capacity + 1))
  return times, times == '' and 0 or read('<d', times, #times - 7) + span
end

-- Lets an admission of some time ago count from a later time on.
local function bucket_postpone(key, raw, kind, capacity, span, weight, from, to, now)
  raw = raw or pack(BUCKET_HEAD, now, 0, 0, kind, 0)
  if now < read('<d', raw) then
    raw = bucket_moved(raw, now)
  end
  local _, parked, _, stored, places, position = read(BUCKET_HEAD, raw)
  local state = stored == kind and sub(raw, position + places * BUCKET_PLACE_SIZE) or ''
  local empty
  state, empty = bucket_postponed(kind, state, capacity, span, weight, from, to)
  local line, last = bucket_line(raw, '', now)
  bucket_write(key, parked, empty, kind, line, state, last, now)
end

-- Parks a bucket until <ends>; a park only ever moves later. Works when the bucket was never charged, and when memory is
-- full: Redis lets a script go on that has begun by deleting.
local function bucket_park(key, raw, ends, now)
  if raw and now < read('<d', raw) then
    raw = bucket_moved(raw, now)
  end
  redis.call('DEL', key)
  bucket_rewrite(key, raw or pack(BUCKET_HEAD, now, 0, 0, 'W', 0), ends, now)
end
