-- Library: a rate-limit bucket, its state and its line.
--
-- A bucket is one string, little-endian:
--   d  written: the server's time of the last write, which tells when the clock has jumped back
--   d  parked: nothing passes before this time (Telegram said 429); 0 if not parked
--   d  expires: when the key goes; not before the bucket is empty, unparked and nobody stands in line
--   B  kind of the state: 'W' strict window, 'G' GCRA, 0 as long as it was never charged
--   B  number of places in line
--   d  the state: for 'W' the times of the last <capacity> admissions, newest first; for 'G' the theoretical arrival time
--      (TAT). Never none of them: 0 is an admission long ago
--   then per place, oldest first: c8 process, I4 weight, d since, d held until
--   then, if LEARNED is added to the kind, the pace that Telegram's 429 taught (learning.lua):
--     d since when there is one, d when it was lowered last, d until when 429s belong to the same event, d the rate it began
--     at then, d the rate at which Telegram said 429, d when it is forgotten, d TAT. Rates are units of weight a second
-- Times are microseconds.
--
-- A place in line is a promise between processes: whoever was denied first is let in first. It costs no capacity, and
-- lapses BUCKET_GRACE after its turn, so that a process that died or lost interest holds nobody up for longer. Who comes
-- from one line into another keeps its seniority, so that the oldest is never held up by a turn: were it to go to the
-- end, processes that lead each other's lines could hold each other up for ever.
-- A limit that changes its kind starts with an empty state; parks, the line and the pace stay.
--
-- The pace is a GCRA beside the limit: it only ever makes slower. It rises by time alone, as RFC 9438 (CUBIC) lets a window
-- grow: fast at first, slowly around a little less than where Telegram said 429, fast again after a long time without. So
-- nothing has to be written for it to rise, and at <forgotten> it has reached the limit.
--
-- What costs here is making things: strings, tables, arguments, and functions, which are made anew in every run of a script.
-- So a bucket is read in place, <size> being where its state ends, and the functions that few decisions need are made when
-- one does, by bucket_library.

local BUCKET_GRACE = 100000
local BUCKET_PLACES = 64
local WINDOW = 87
local LEARNED = 128
local NOBODY = '\0\0\0\0\0\0\0\0'
-- A bucket that was never written: 34 zeros.
local EMPTY = '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'

local pack, read, max, sub = struct.pack, struct.unpack, math.max, string.sub

-- How many of a window's admissions came after <since>: a binary search that looks at the newest and the oldest first.
local function bucket_live(raw, size, since)
  if read('<d', raw, 27) <= since then
    return 0
  elseif read('<d', raw, size - 7) > since then
    return (size - 26) / 8
  end
  local low, high = 1, (size - 26) / 8 - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if read('<d', raw, 27 + middle * 8) > since then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

local function bucket_library()
  local buckets = {}

  -- The bucket without its pace, and the pace, nil if there is none any more. A pace has 56 bytes.
  function buckets.split(raw, now)
    local kind = string.byte(raw, 25)
    if kind < LEARNED then
      return raw, nil
    end
    local pace = sub(raw, -56)
    return sub(raw, 1, 24) .. string.char(kind - LEARNED) .. sub(raw, 26, -57), read('<d', pace, 41) > now and pace or nil
  end

  -- The same with a pace.
  function buckets.paced(raw, pace)
    return pace and sub(raw, 1, 24) .. string.char(string.byte(raw, 25) + LEARNED) .. sub(raw, 26) .. pace or raw
  end

  -- What a limit lets pass in how long; all times of a pace are measured in these windows, of 100 ms to 60 s.
  function buckets.window(kind, capacity, span)
    local window = kind == WINDOW and span or capacity * span
    return window, math.min(max(window, 100000), 60000000)
  end

  -- The rate of a pace: it rises for 40 windows to 0.95 of where Telegram said 429, and has doubled that 60 later.
  function buckets.rate(pace, unit, now)
    local _, lowered, _, began, told = read('<ddddd', pace)
    local plateau, passed = 0.95 * told, max(0, now - lowered) / unit
    if passed < 40 then
      local left = (40 - passed) / 40
      return plateau - (plateau - began) * left * left * left
    end
    local beyond = (passed - 40) / 60
    return plateau * (1 + beyond * beyond * beyond)
  end

  -- Microseconds between two units of weight; how far one may come before its time, so that what was late is made up for; TAT.
  function buckets.spacing(pace, kind, capacity, span, now)
    local window, unit = buckets.window(kind, capacity, span)
    return math.ceil(1000000 / buckets.rate(pace, unit, now)), math.floor(window / 20), (read('<d', pace, 49))
  end

  -- The earliest time that a pace allows after <ahead> others took theirs.
  function buckets.paced_earliest(pace, kind, capacity, span, ahead, now)
    local interval, early, tat = buckets.spacing(pace, kind, capacity, span, now)
    return max(now, math.min(max(tat, now) - early + ahead * interval, (read('<d', pace, 41))))
  end

  -- How many of weight 1 a pace allows now.
  function buckets.paced_remaining(pace, kind, capacity, span, now)
    local interval, early, tat = buckets.spacing(pace, kind, capacity, span, now)
    return max(0, math.floor((now + early - max(tat, now)) / interval) + 1)
  end

  -- The pace after a charge that counts from <at>. Its debt is a window at most, so that an overdraft holds nobody up for longer.
  function buckets.paced_charged(pace, kind, capacity, span, weight, at, now)
    local interval, _, tat = buckets.spacing(pace, kind, capacity, span, now)
    local cost, window = weight * interval, (buckets.window(kind, capacity, span))
    return sub(pace, 1, 48) .. pack('<d', max(tat, math.min(max(tat, at), at + window) + cost))
  end

  -- The bucket as it would be had the clock not jumped back: as if no time had passed, so that nobody waits longer than one
  -- window. And with the wanted kind of state, though none of it, if it has the other kind.
  function buckets.mended(raw, kind, now)
    local pace
    raw, pace = buckets.split(raw, -math.huge)
    local written, parked, expires, stored, places = read('<dddBB', raw)
    local shift = math.min(0, now - written)
    if pace then
      local since, lowered, heard, began, told, forgotten, tat = read('<ddddddd', pace)
      pace = pack('<ddddddd', since + shift, lowered + shift, heard + shift, began, told, forgotten + shift, tat + shift)
    end
    local parts, size = { pack('<dddBB', now, parked + shift, expires + shift, kind, places) }, #raw - places * 28
    if stored == kind then
      for at = 27, size, 8 do
        parts[#parts + 1] = pack('<d', read('<d', raw, at) + shift)
      end
    else
      parts[2] = pack('<d', 0)
    end
    for at = size + 1, #raw, 28 do
      local process, weight, since, held = read('<c8I4dd', raw, at)
      parts[#parts + 1] = pack('<c8I4dd', process, weight, since + shift, held + shift)
    end
    return buckets.paced(table.concat(parts), pace)
  end

  -- The bucket as it stands under a limit of that kind now, without its pace; and the pace.
  function buckets.current(raw, kind, now)
    local written, _, _, stored = read('<dddB', raw)
    if now < written or stored % LEARNED ~= kind and stored % LEARNED ~= 0 then
      raw = buckets.mended(raw, kind, now)
    end
    return buckets.split(raw, now)
  end

  -- How many units of weight count at <now>, of either kind.
  function buckets.used(kind, raw, size, span, now)
    if kind == WINDOW then
      return bucket_live(raw, size, now - span)
    end
    return max(0, math.ceil((read('<d', raw, 27) - now) / span))
  end

  -- The earliest time at which <weight> fits after <ahead> others took theirs.
  function buckets.earliest(kind, raw, size, capacity, span, weight, ahead, now)
    local newest = read('<d', raw, 27)
    if kind ~= WINDOW then
      return max(now, max(now, newest) + (ahead - max(0, capacity - weight)) * span)
    elseif weight > capacity then
      -- Costs more than a window holds: waits for an empty one.
      local earliest = max(now, newest + span)
      if ahead > 0 then
        earliest = max(earliest, buckets.earliest(kind, raw, size, capacity, span, 1, ahead - 1, now) + span)
      end
      return earliest
    end
    local need = ahead + weight
    local whole = math.floor((need - 1) / capacity)
    local leaves = 27 + ((whole + 1) * capacity - need) * 8 -- where the admission stands that must have left
    return (leaves > size and now or max(now, read('<d', raw, leaves) + span)) + whole * span
  end

  -- Charges a window with more than it holds: fills the following windows too, in advance; only the last <capacity> are
  -- worth keeping. Returns the times and when the bucket is empty.
  function buckets.filled(raw, capacity, span, weight, now)
    local windows = math.ceil(weight / capacity)
    local rest = weight - (windows - 1) * capacity
    local latest = max(now, (read('<d', raw, 27))) + (windows - 1) * span
    local times = string.rep(pack('<d', latest), rest) .. string.rep(pack('<d', latest - span), capacity - rest)
    return times, latest + span
  end

  -- The live places of a bucket, but for the process', as a string; when the last of them lapses; and the process' own:
  -- since when and until when it is held, nil if it has none.
  function buckets.line(raw, places, process, now)
    local line, lapses, mine_since, mine_held = '', 0, nil, nil
    for at = #raw - places * 28 + 1, #raw, 28 do
      local name, _, since, held = read('<c8I4dd', raw, at)
      if held >= now then
        if name == process then
          mine_since, mine_held = since, held
        else
          line, lapses = line .. sub(raw, at, at + 27), max(lapses, held)
        end
      end
    end
    return line, lapses, mine_since, mine_held
  end

  -- Writes the bucket from its parts, to expire at <expires>, but after its park, its last place and its pace, if it has one.
  function buckets.write(key, parked, expires, kind, state, line, lapses, now, pace)
    expires = max(expires, max(parked, lapses, pace and read('<d', pace, 41) or 0) + 1000000)
    local value = buckets.paced(pack('<dddBB', now, parked, expires, kind, #line / 28) .. state .. line, pace)
    redis.call('PSETEX', key, string.format('%d', max(1, (expires - now) / 1000)), value)
  end

  -- Writes the same bucket anew, parked until <ends> at least.
  function buckets.rewrite(key, raw, ends, now)
    local pace
    raw, pace = buckets.split(raw, now)
    local _, parked, expires, kind, places = read('<dddBB', raw)
    local line, lapses = buckets.line(raw, places, '', now)
    buckets.write(key, max(parked, ends), expires, kind, sub(raw, 27, #raw - places * 28), line, lapses, now, pace)
  end

  return buckets
end
