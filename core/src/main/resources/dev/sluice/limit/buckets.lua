-- Library: rate-limit buckets. Decides over any number of buckets at once, then charges all or none.
--
-- A bucket is one string, little-endian:
--   d  written: the server's time of the last write, which tells when the clock has jumped back
--   d  parked: nothing passes before this time (Telegram said 429); 0 if never parked
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

local BUCKET_GRACE = 100000
local BUCKET_PLACES = 64

local pack, unpack_from, max = struct.pack, struct.unpack, math.max

-- The index-th of the times in a string.
local function bucket_time(times, index)
  return (unpack_from('<d', times, index * 8 - 7))
end

-- The clock has jumped back: goes on as if no time had passed, so that nobody waits longer than one window.
local function bucket_move(bucket, shift)
  local moved = {}
  for i = 1, #bucket.state / 8 do
    moved[i] = pack('<d', bucket_time(bucket.state, i) + shift)
  end
  bucket.state = table.concat(moved)
  bucket.parked = bucket.parked + shift
  bucket.empty = bucket.empty + shift
  for _, place in ipairs(bucket.line or {}) do
    place.since, place.held = place.since + shift, place.held + shift
  end
  bucket.changed = true
end

local function bucket_read(raw, now)
  if not raw then
    return { parked = 0, empty = 0, kind = 'W', state = '' }
  end
  local written, parked, empty, kind, places, position = unpack_from('<dddc1B', raw)
  local line
  if places > 0 then
    line = {}
    for i = 1, places do
      local process, weight, since, held
      process, weight, since, held, position = unpack_from('<c8I4dd', raw, position)
      line[i] = { process = process, weight = weight, since = since, held = held }
    end
  end
  local bucket = { parked = parked, empty = empty, kind = kind, state = string.sub(raw, position), line = line }
  if now < written then
    bucket_move(bucket, now - written)
  end
  return bucket
end

local function bucket_write(key, bucket, now)
  local ends = max(bucket.parked, bucket.empty)
  local line = bucket.line
  local value
  if line then
    local parts = { pack('<dddc1B', now, bucket.parked, bucket.empty, bucket.kind, #line) }
    for i, place in ipairs(line) do
      parts[i + 1] = pack('<c8I4dd', place.process, place.weight, place.since, place.held)
      ends = max(ends, place.held)
    end
    value = table.concat(parts) .. bucket.state
  else
    value = pack('<dddc1B', now, bucket.parked, bucket.empty, bucket.kind, 0) .. bucket.state
  end
  if ends <= now then
    redis.call('DEL', key)
  else
    -- One second more than needed: a key that ends a little late is only an empty bucket.
    redis.call('SET', key, value, 'PX', string.format('%d', (ends - now) / 1000 + 1001))
  end
end

-- How many units of weight count at <now>: the admissions younger than one window, by bisection.
local function bucket_window_used(times, window, now)
  local count = #times / 8
  local since = now - window
  if count == 0 or bucket_time(times, count) <= since then
    return 0
  end
  local low, high = 1, count
  while low < high do
    local middle = math.floor((low + high) / 2)
    if bucket_time(times, middle) <= since then
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
      empty = max(now, bucket_time(times, count) + window)
    end
    if ahead > 0 then
      empty = max(empty, bucket_window_earliest(times, capacity, window, 1, ahead - 1, now) + window)
    end
    return empty
  end
  local need = ahead + weight
  local whole = math.floor((need - 1) / capacity)
  local earliest = now
  local index = count - capacity + need - whole * capacity
  if index >= 1 then
    earliest = max(now, bucket_time(times, index) + window)
  end
  return earliest + whole * window
end

local function bucket_tat(state, now)
  if state == '' then
    return now
  end
  return max(now, bucket_time(state, 1))
end

-- The same for GCRA.
local function bucket_gcra_earliest(state, capacity, interval, weight, ahead, now)
  local burst = capacity - math.min(weight, capacity)
  return max(now, bucket_tat(state, now) + (ahead - burst) * interval)
end

-- Charges the weight, whether it fits or not. Returns how many of weight 1 fit after it.
local function bucket_charge(bucket, state, kind, capacity, span, weight, now)
  bucket.kind = kind
  if kind == 'G' then
    local tat = bucket_tat(state, now) + weight * span
    bucket.state, bucket.empty = pack('<d', tat), tat
    return max(0, math.floor(capacity - (tat - now) / span))
  end
  local count = #state / 8
  local at = now
  if count > 0 then
    at = max(now, bucket_time(state, count)) -- ahead of now after a charge of several windows
  end
  if weight > capacity then
    -- Fills the following windows too, in advance; only the last <capacity> are worth keeping.
    local windows = math.ceil(weight / capacity)
    local rest = weight - (windows - 1) * capacity
    local last = at + (windows - 1) * span
    bucket.state = string.rep(pack('<d', last - span), capacity - rest) .. string.rep(pack('<d', last), rest)
    bucket.empty = last + span
    return 0
  end
  local kept = math.min(bucket_window_used(state, span, now), capacity - weight)
  bucket.state = string.sub(state, (count - kept) * 8 + 1) .. string.rep(pack('<d', at), weight)
  bucket.empty = at + span
  return capacity - kept - weight
end

local function bucket_used(state, kind, span, now)
  if kind == 'W' then
    return bucket_window_used(state, span, now)
  end
  return math.ceil((bucket_tat(state, now) - now) / span)
end

-- Drops the places that have lapsed. Returns the seniority of the process, the older of <since> and its place here.
local function bucket_line(bucket, process, since, now)
  local line = {}
  for _, place in ipairs(bucket.line) do
    if place.held >= now then
      line[#line + 1] = place
      if place.process == process then
        since = math.min(since, place.since)
      end
    end
  end
  bucket.line = #line > 0 and line or nil
  return since
end

-- The weight of the places before a process of that seniority, and when the last of them lapses.
local function bucket_ahead(line, process, since, now)
  local ahead, lapse = 0, now
  for _, place in ipairs(line) do
    if place.process ~= process and (place.since < since or place.since == since and place.process < process) then
      ahead = ahead + place.weight
      lapse = max(lapse, place.held + 1)
    end
  end
  return ahead, lapse
end

local function bucket_leave(line, process)
  for position, place in ipairs(line) do
    if place.process == process then
      return table.remove(line, position)
    end
  end
end

-- Gives the process its place, or keeps it for longer.
local function bucket_join(bucket, process, weight, since, held, now)
  local line = bucket.line or {}
  local mine = bucket_leave(line, process)
  if not mine and #line >= BUCKET_PLACES then
    return
  end
  if since == math.huge then
    -- Comes from nowhere: behind the last, even within the same microsecond.
    since = #line > 0 and max(now, line[#line].since + 1) or now
  end
  local position = #line + 1
  while position > 1 and line[position - 1].since > since do
    position = position - 1
  end
  table.insert(line, position, {
    process = process, weight = weight, since = since, held = mine and max(mine.held, held) or held,
  })
  bucket.line, bucket.changed = line, true
end

-- Decides without writing.
--   keys, raws: the buckets' keys and values from index <first> on, <count> of them
--   args: from <arg> on, per bucket: kind, capacity, span (window or interval) in microseconds, weight
--   process: 8 characters of whoever waits, or '' if nobody does
--   overdraft: '1' to ask only whether a bucket is parked
local function bucket_decide(keys, raws, first, count, args, arg, process, overdraft, now)
  local charges, since = {}, math.huge
  for i = 1, count do
    local kind, bucket = args[arg], bucket_read(raws[first + i - 1], now)
    if bucket.line then
      since = bucket_line(bucket, process, since, now)
    end
    charges[i] = {
      key = keys[first + i - 1], bucket = bucket, state = bucket.kind == kind and bucket.state or '', kind = kind,
      capacity = tonumber(args[arg + 1]), span = tonumber(args[arg + 2]), weight = tonumber(args[arg + 3]),
    }
    arg = arg + 4
  end
  local at, limiting, cause = now, 0, 'LIMIT'
  for i = 1, count do
    local charge = charges[i]
    local bucket, weight = charge.bucket, charge.weight
    local earliest, reason = now, 'LIMIT'
    if weight > 0 and overdraft ~= '1' then
      local fit = charge.kind == 'W' and bucket_window_earliest or bucket_gcra_earliest
      local ahead, lapse = 0, now
      if bucket.line then
        ahead, lapse = bucket_ahead(bucket.line, process, since, now)
      end
      earliest = fit(charge.state, charge.capacity, charge.span, weight, ahead, now)
      if ahead > 0 and earliest > now and fit(charge.state, charge.capacity, charge.span, weight, 0, now) <= now then
        -- There is room, if only those ahead do not come.
        earliest, reason = math.min(earliest, lapse), 'TURN'
      end
    end
    if bucket.parked > now and bucket.parked >= earliest then
      earliest, reason = bucket.parked, 'PARK'
    end
    if earliest > at then
      at, limiting, cause = earliest, i, reason
    end
  end
  return {
    allowed = at <= now, at = at, limiting = limiting, cause = cause, process = process, since = since,
    charges = charges,
  }
end

-- Carries a decision out: charges every bucket, or gives the waiter its place in line. Returns the reply:
--   allowed: 1, then the remaining weight of each bucket
--   denied:  0, the limiting bucket's position, its cause, microseconds to wait, its remaining weight
local function bucket_commit(decision, now)
  local process = decision.process
  if decision.allowed then
    local reply = { 1 }
    for i, charge in ipairs(decision.charges) do
      local bucket = charge.bucket
      if charge.weight > 0 then
        reply[i + 1] =
          bucket_charge(bucket, charge.state, charge.kind, charge.capacity, charge.span, charge.weight, now)
        if bucket.line then
          bucket_leave(bucket.line, process)
        end
        bucket_write(charge.key, bucket, now)
      else
        reply[i + 1] = max(0, charge.capacity - bucket_used(charge.state, charge.kind, charge.span, now))
      end
    end
    return reply
  end
  local limiting = decision.charges[decision.limiting]
  if process ~= '' and decision.cause ~= 'PARK' then
    bucket_join(limiting.bucket, process, limiting.weight, decision.since, decision.at + BUCKET_GRACE, now)
  end
  for _, charge in ipairs(decision.charges) do
    if charge.bucket.changed then
      bucket_write(charge.key, charge.bucket, now)
    end
  end
  return {
    0, decision.limiting, decision.cause, decision.at - now,
    max(0, limiting.capacity - bucket_used(limiting.state, limiting.kind, limiting.span, now)),
  }
end

-- Parks a bucket until <ends>; a park only ever moves later. Works when the bucket was never charged, and when memory is
-- full: Redis lets a script go on that has begun by deleting.
local function bucket_park(key, raw, ends, now)
  local bucket = bucket_read(raw, now)
  if ends > bucket.parked then
    bucket.parked = ends
    redis.call('DEL', key)
    bucket_write(key, bucket, now)
  end
end
