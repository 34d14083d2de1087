-- Library, after buckets.lua: what is learned about a bucket after a decision.

-- Lets a charge made at <from> count from <to> on. It moves if it is found; if it was pushed out by newer ones it comes
-- back, in place of the oldest. GCRA cannot tell its charges apart and counts what was lost, up to a full bucket; one that is
-- empty by now, and may be forgotten at any time, counts the charge from now on. Returns the state and when it is empty.
local function bucket_postponed(kind, state, capacity, span, weight, from, to, now)
  if kind ~= WINDOW then
    local tat = read('<d', state)
    if tat <= now then
      return pack('<d', now + weight * span), now + weight * span
    end
    tat = max(from + weight * span, tat)
    tat = max(tat, math.min(tat + to - from, to + max(capacity, weight) * span))
    return pack('<d', tat), tat
  end
  local moved, left, several, place = pack('<d', to), {}, weight > capacity, nil
  local found = 0
  for at = 1, #state, 8 do
    local time = read('<d', state, at)
    if several and time >= from then
      time = time + to - from
    elseif time == from and found < weight then
      found, time = found + 1, nil
    end
    if time then
      if not place and time <= to then
        place = #left + 1
      end
      left[#left + 1] = pack('<d', time)
    end
  end
  place = place or #left + 1
  for _ = 1, several and 0 or weight do
    table.insert(left, place, moved)
  end
  local times = table.concat(left, '', 1, math.min(#left, capacity))
  return times, read('<d', times) + span
end

-- Lets an admission of some time ago count from a later time on.
local function bucket_postpone(key, raw, kind, capacity, span, weight, from, to, now)
  local buckets = bucket_library()
  local pace
  raw, pace = buckets.current(raw or pack('<dddBBd', now, 0, 0, kind, 0, 0), kind, now)
  local _, parked, expires, _, places = read('<dddBB', raw)
  local state = sub(raw, 27, #raw - places * 28)
  local line, lapses = buckets.line(raw, places, '', now)
  local empty
  state, empty = bucket_postponed(kind, state, capacity, span, weight, from, to, now)
  if pace then
    local interval, _, tat = buckets.spacing(pace, kind, capacity, span, now)
    pace = sub(pace, 1, 48) .. pack('<d', max(tat, to + weight * interval))
  end
  buckets.write(key, parked, max(expires, empty + 1000000), kind, state, line, lapses, now, pace)
end

-- Parks a bucket until <ends>; a park only ever moves later. Works when the bucket was never charged, and when memory is
-- full: Redis lets a script go on that has begun by deleting.
local function bucket_park(key, raw, ends, now)
  local buckets = bucket_library()
  raw = raw or EMPTY
  local written, _, _, kind = read('<dddBB', raw)
  if now < written then
    raw = buckets.mended(raw, kind % LEARNED, now)
  end
  redis.call('DEL', key)
  buckets.rewrite(key, raw, ends, now)
end
