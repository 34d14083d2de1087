-- Counts what passed while this could not be asked, in the window in which it passed.
-- KEYS  1 the user's budget
-- ARGV  1 the window, 2 how many messages, 3 microseconds until the end of the window in which they passed
-- Returns {0}, if ARGV[1] says nothing of today, and now; else {1, 0, count, rejected, bonus, ends, now}
-- Atomic, since a consumption between reading and writing would be lost.
local key, messages, theirs = KEYS[1], tonumber(ARGV[2]), now + tonumber(ARGV[3])

local latest = window_end()
if not latest then
  return { 0, now }
end
local count, rejected, bonus, ends = counters_of(redis.call('GET', key), latest)
theirs = math.min(theirs, latest)
if window_kind == 'day' then
  ends = latest
elseif count == 0 then
  ends = theirs
elseif window_kind == 'idle' then
  -- It ends after the last message of either.
  ends = math.max(ends, theirs)
else
  -- It began with the first message of either.
  ends = math.min(ends, theirs)
end
counters_keep(key, count + messages, rejected, bonus, ends)
return { 1, 0, count + messages, rejected, bonus, ends, now }
