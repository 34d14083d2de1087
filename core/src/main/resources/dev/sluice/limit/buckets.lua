-- Library: a rate-limit bucket, its state and its line.
--
-- A bucket is one string, little-endian:
--   d  written: the server's time of the last write, which tells when the clock has jumped back
--   d  parked: nothing passes before this time (Telegram said 429); 0 if not parked
--   d  expires: when the key goes; not before the bucket is empty, unparked and nobody stands in line
--   B  kind of the state: 'W' strict window, 'G' GCRA, 0 as long as it was never charged
--   B  number of places in line
--   d  the state: for 'W' the times of the last <capacity> admissions, ascending; for 'G' the theoretical arrival time
--      (TAT). Never none of them: 0 is an admission long ago
--   then per place, oldest first: c8 process, I4 weight, d since, d held until
-- Times are microseconds.
--
-- A place in line is a promise between processes: whoever was denied first is let in first. It costs no capacity, and
-- lapses BUCKET_GRACE after its turn, so that a process that died or lost interest holds nobody up for longer. Who comes
-- from one line into another keeps its seniority, so that the oldest is never held up by a turn: were it to go to the
-- end, processes that lead each other's lines could hold each other up for ever.
-- A limit that changes its kind starts with an empty state; parks and the line stay.
--
-- What costs here is making things: functions, strings, tables, arguments. So a bucket is a string that is read in place,
-- <last> being where its last time begins, and formats stand in the code, where a local would be one more thing to catch.

local BUCKET_GRACE = 100000
local BUCKET_PLACES = 64
local WINDOW = 87
local NOBODY = '\0\0\0\0\0\0\0\0'
-- A bucket that was never written: 34 zeros.
local EMPTY = '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'

local pack, read, max, sub = struct.pack, struct.unpack, math.max, string.sub

-- The bucket as it would be had the clock not jumped back: as if no time had passed, so that nobody waits longer than one
-- window. And with the wanted kind of state, though none of it, if it has the other kind.
local function bucket_mended(raw, kind, now)
  local written, parked, expires, stored, places = read('<dddBB', raw)
  local shift = math.min(0, now - written)
  local parts, state_end = { '' }, #raw - places * 28
  for at = 27, state_end, 8 do
    if stored == kind then
      parts[#parts + 1] = pack('<d', read('<d', raw, at) + shift)
    end
  end
  if stored ~= kind then
    parts[2] = pack('<d', 0)
  end
  for at = state_end + 1, #raw, 28 do
    local process, weight, since, held = read('<c8I4dd', raw, at)
    parts[#parts + 1] = pack('<c8I4dd', process, weight, since + shift, held + shift)
  end
  parts[1] = pack('<dddBB', now, parked + shift, expires + shift, kind, places)
  return table.concat(parts)
end

-- Where the admissions after <since> begin, as a binary search that looks at the oldest and the newest first.
local function bucket_live(raw, last, since)
  if read('<d', raw, 27) > since then
    return 27
  elseif read('<d', raw, last) <= since then
    return last + 8
  end
  local low, high = 1, (last - 27) / 8
  while low < high do
    local middle = math.floor((low + high) / 2)
    if read('<d', raw, 27 + middle * 8) <= since then
      low = middle + 1
    else
      high = middle
    end
  end
  return 27 + low * 8
end

-- How many units of weight count at <now>, of either kind.
local function bucket_used(kind, raw, last, span, now)
  if kind == WINDOW then
    return (last + 8 - bucket_live(raw, last, now - span)) / 8
  end
  return max(0, math.ceil((read('<d', raw, 27) - now) / span))
end

-- The earliest time at which <weight> fits after <ahead> others took theirs.
local function bucket_earliest(kind, raw, last, capacity, span, weight, ahead, now)
  if kind ~= WINDOW then
    local tat = max(now, (read('<d', raw, 27)))
    return max(now, tat + (ahead - max(0, capacity - weight)) * span)
  elseif weight > capacity then
    -- Costs more than a window holds: waits for an empty one.
    local earliest = max(now, read('<d', raw, last) + span)
    if ahead > 0 then
      earliest = max(earliest, bucket_earliest(kind, raw, last, capacity, span, 1, ahead - 1, now) + span)
    end
    return earliest
  end
  local need = ahead + weight
  local whole = math.floor((need - 1) / capacity)
  local leaves = last + (need - (whole + 1) * capacity) * 8 -- where the last admission stands that must have left
  return (leaves < 27 and now or max(now, read('<d', raw, leaves) + span)) + whole * span
end

-- The live places of a bucket, but for the process', as a string; when the last of them lapses; and the process' own:
-- since when and until when it is held, nil if it has none.
local function bucket_line(raw, places, process, now)
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

-- Writes the bucket from its parts, to expire at <expires>, but after its park and its last place.
local function bucket_write(key, parked, expires, kind, state, line, lapses, now)
  expires = max(expires, max(parked, lapses) + 1000000)
  local value = pack('<dddBB', now, parked, expires, kind, #line / 28) .. state .. line
  redis.call('PSETEX', key, string.format('%d', max(1, (expires - now) / 1000)), value)
end

-- Writes the same bucket anew, parked until <ends> at least.
local function bucket_rewrite(key, raw, ends, now)
  local _, parked, expires, kind, places = read('<dddBB', raw)
  local line, lapses = bucket_line(raw, places, '', now)
  bucket_write(key, max(parked, ends), expires, kind, sub(raw, 27, #raw - places * 28), line, lapses, now)
end
