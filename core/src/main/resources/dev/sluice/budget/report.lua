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
ends = counters_merged(count, ends, theirs, latest)
counters_keep(key, count + messages, rejected, bonus, ends)
return { 1, 0, count + messages, rejected, bonus, ends, now }
