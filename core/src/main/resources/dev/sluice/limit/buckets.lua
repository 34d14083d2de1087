-- Library: rate-limit buckets. Decides over any number of buckets at once, then charges all or none.
--
-- A bucket is one string, little-endian:
--   d  written: the server's time of the last write, which tells when the clock has jumped back
--   d  parked: nothing passes before this time (Telegram said 429); 0 if never parked
--   c1 kind: 'W' strict window, 'G' GCRA
--   B  number of places in line, then per place: c8 process, I4 weight, d held until
--   then the state: for 'W' the times of the last <capacity> admissions, ascending, d each; for 'G' one d, the
--   theoretical arrival time (TAT).
-- Times are microseconds. Everything has a TTL: the moment from which the bucket would be empty again.
-- A place in line is a promise between processes: whoever was denied first is let in first. It costs no capacity, and
-- lapses BUCKET_GRACE after its turn, so that a process that died or lost interest holds nobody up for longer.

local BUCKET_GRACE = 100000
local BUCKET_PLACES = 64
local BUCKET_HEADER = 18
local BUCKET_PLACE = 20

local function bucket_time(times, index)
  return (struct.unpack('<d', times, index * 8 - 7))
end

-- Adds shift to each of the times in a string.
local function bucket_moved(times, shift)
  local moved = {}
  for i = 1, #times / 8 do
    moved[i] = struct.pack('<d', bucket_time(times, i) + shift)
  end
  return table.concat(moved)
end

local function bucket_read(raw, kind, now)
  local bucket = { parked = 0, line = {}, state = '', changed = false }
  if not raw then
    return bucket
  end
  local written, parked, stored_kind, places = struct.unpack('<ddc1B', raw)
  local position = BUCKET_HEADER + 1
  bucket.parked = parked
  for i = 1, places do
    local process, weight, held = struct.unpack('<c8I4d', raw, position)
    bucket.line[i] = { process = process, weight = weight, held = held }
    position = position + BUCKET_PLACE
  end
  if stored_kind == kind then
    bucket.state = string.sub(raw, position)
  end
  if now < written then
    -- The clock has jumped back: go on as if no time had passed, so that nobody waits longer than one window.
    local shift = now - written
    bucket.parked = bucket.parked + shift
    bucket.state = bucket_moved(bucket.state, shift)
    for _, place in ipairs(bucket.line) do
      place.held = place.held + shift
    end
    bucket.changed = true
  end
  return bucket
end

-- How many units of weight count at <now>: the admissions younger than one window, by bisection.
local function bucket_window_used(times, window, now)
  local low, high = 1, #times / 8 + 1
  local count = high - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if bucket_time(times, middle) <= now - window then
      low = middle + 1
    else
      high = middle
    end
  end
  return count - low + 1
end

-- The earliest time at which <weight> fits a strict window after <ahead> others took theirs.
local function bucket_window_earliest(times, capacity, window, weight, ahead, now)
  local count = #times / 8
  if weight > capacity then
    -- Costs more than a window holds: waits for an empty one.
    local empty = now
    if count > 0 then
      empty = math.max(now, bucket_time(times, count) + window)
    end
    return empty + math.ceil(ahead / capacity) * window
  end
  local need = ahead + weight
  local whole = math.floor((need - 1) / capacity)
  local rest = need - whole * capacity
  local earliest = now
  local index = count - (capacity - rest)
  if index >= 1 then
    earliest = math.max(now, bucket_time(times, index) + window)
  end
  return earliest + whole * window
end

-- The times after admitting <weight>. What costs more than a window fills the following ones too, in advance.
local function bucket_window_charged(times, capacity, window, weight, now)
  local count = #times / 8
  local first = count - bucket_window_used(times, window, now) + 1
  local at = now
  if count > 0 then
    at = math.max(now, bucket_time(times, count)) -- later only after an overdraft
  end
  local windows = math.ceil(weight / capacity)
  local rest = weight - (windows - 1) * capacity
  local last = struct.pack('<d', at + (windows - 1) * window)
  if windows > 1 then
    local before = struct.pack('<d', at + (windows - 2) * window)
    return string.rep(before, capacity - rest) .. string.rep(last, rest)
  end
  first = math.max(first, count + weight - capacity + 1)
  return string.sub(times, first * 8 - 7) .. string.rep(last, weight)
end

local function bucket_tat(state, now)
  if #state ~= 8 then
    return now
  end
  return math.max(now, bucket_time(state, 1))
end

local function bucket_gcra_earliest(state, capacity, interval, weight, ahead, now)
  local fits = capacity - math.min(weight, capacity)
  return math.max(now, bucket_tat(state, now) + (ahead - fits) * interval)
end

local function bucket_remaining(kind, state, capacity, span, now)
  if kind == 'W' then
    return math.max(0, capacity - bucket_window_used(state, span, now))
  end
  return math.max(0, math.floor(capacity - (bucket_tat(state, now) - now) / span))
end

-- The weight of the live places before <process>; all of them if it has none. Lapsed places are dropped.
local function bucket_ahead(bucket, process, now)
  local ahead, line, found = 0, {}, false
  for _, place in ipairs(bucket.line) do
    if place.held >= now then
      line[#line + 1] = place
      found = found or place.process == process
      if not found then
        ahead = ahead + place.weight
      end
    end
  end
  bucket.line = line
  return ahead
end

local function bucket_write(key, bucket, kind, span, now)
  local ends = bucket.parked
  local parts = { '' }
  for _, place in ipairs(bucket.line) do
    parts[#parts + 1] = struct.pack('<c8I4d', place.process, place.weight, place.held)
    ends = math.max(ends, place.held)
  end
  parts[1] = struct.pack('<ddc1B', now, bucket.parked, kind, #bucket.line)
  parts[#parts + 1] = bucket.state
  local count = #bucket.state / 8
  if count > 0 then
    local newest = bucket_time(bucket.state, count)
    ends = math.max(ends, kind == 'W' and newest + span or newest)
  end
  if ends <= now then
    redis.call('DEL', key)
  else
    -- One second more than needed: a key that ends a little late is only an empty bucket.
    redis.call('SET', key, table.concat(parts), 'PX', string.format('%.0f', math.ceil((ends - now) / 1000) + 1000))
  end
end

-- Decides without writing.
--   keys, raws: the buckets' keys and values from index <first> on, <count> of them
--   args: from <arg> on, per bucket: kind, capacity, span (window or interval) in microseconds, weight
--   process: 8 characters of whoever waits, or '' if nobody does
--   overdraft: '1' to ask only whether a bucket is parked
local function bucket_decide(keys, raws, first, count, args, arg, process, overdraft, now)
  local decision = { charges = {}, at = now, limiting = 0, cause = 'LIMIT', process = process }
  for i = 1, count do
    local at = arg + (i - 1) * 4
    local charge = {
      key = keys[first + i - 1], kind = args[at], capacity = tonumber(args[at + 1]),
      span = tonumber(args[at + 2]), weight = tonumber(args[at + 3]),
    }
    local bucket = bucket_read(raws[first + i - 1], charge.kind, now)
    charge.bucket = bucket
    local earliest, cause = now, 'LIMIT'
    if charge.weight > 0 and overdraft ~= '1' then
      local fit = charge.kind == 'W' and bucket_window_earliest or bucket_gcra_earliest
      if #bucket.line > 0 then
        local ahead = bucket_ahead(bucket, process, now)
        earliest = fit(bucket.state, charge.capacity, charge.span, charge.weight, ahead, now)
        if ahead > 0 and earliest > now
            and fit(bucket.state, charge.capacity, charge.span, charge.weight, 0, now) <= now then
          cause = 'TURN'
          -- Those ahead lapse at the latest when the last of them does.
          local lapse = now
          for _, place in ipairs(bucket.line) do
            if place.process ~= process then lapse = math.max(lapse, place.held + 1) end
          end
          earliest = math.min(earliest, lapse)
        end
      else
        earliest = fit(bucket.state, charge.capacity, charge.span, charge.weight, 0, now)
      end
    end
    if bucket.parked > now and bucket.parked >= earliest then
      earliest, cause = bucket.parked, 'PARK'
    end
    if earliest > decision.at then
      decision.at, decision.limiting, decision.cause = earliest, i, cause
    end
    decision.charges[i] = charge
  end
  decision.allowed = decision.at <= now
  return decision
end

-- Carries a decision out: charges every bucket, or gives the waiter its place in line. Returns the reply:
--   allowed: 1, then the remaining weight of each bucket
--   denied:  0, the limiting bucket's position, its cause, microseconds to wait, its remaining weight
local function bucket_commit(decision, now)
  if decision.allowed then
    local reply = { 1 }
    for i, charge in ipairs(decision.charges) do
      local bucket = charge.bucket
      if charge.weight > 0 then
        if charge.kind == 'W' then
          bucket.state = bucket_window_charged(bucket.state, charge.capacity, charge.span, charge.weight, now)
        else
          bucket.state = struct.pack('<d', bucket_tat(bucket.state, now) + charge.weight * charge.span)
        end
        for position, place in ipairs(bucket.line) do
          if place.process == decision.process then
            table.remove(bucket.line, position)
            break
          end
        end
        bucket_write(charge.key, bucket, charge.kind, charge.span, now)
      end
      reply[i + 1] = bucket_remaining(charge.kind, bucket.state, charge.capacity, charge.span, now)
    end
    return reply
  end
  local limiting = decision.charges[decision.limiting]
  if decision.process ~= '' and decision.cause ~= 'PARK' then
    local line, held, mine = limiting.bucket.line, decision.at + BUCKET_GRACE, nil
    for _, place in ipairs(line) do
      if place.process == decision.process then mine = place end
    end
    if not mine and #line < BUCKET_PLACES then
      mine = { process = decision.process }
      line[#line + 1] = mine
    end
    if mine then
      mine.weight, mine.held = limiting.weight, held
      limiting.bucket.changed = true
    end
  end
  for _, charge in ipairs(decision.charges) do
    if charge.bucket.changed then
      bucket_write(charge.key, charge.bucket, charge.kind, charge.span, now)
    end
  end
  return {
    0, decision.limiting, decision.cause, string.format('%.0f', math.ceil(decision.at - now)),
    bucket_remaining(limiting.kind, limiting.bucket.state, limiting.capacity, limiting.span, now),
  }
end

-- Parks a bucket until <ends>; a park only ever moves later. Works when the bucket was never charged.
local function bucket_park(key, raw, ends, now)
  local kind = 'W'
  if raw then
    kind = string.sub(raw, 17, 17)
  end
  local bucket = bucket_read(raw, kind, now)
  if ends > bucket.parked then
    bucket.parked = ends
    -- The span is not known here. A window's state must live on for as long as it had to.
    local lives = redis.call('PTTL', key)
    bucket_write(key, bucket, kind, math.max(0, lives * 1000), now)
  end
end
