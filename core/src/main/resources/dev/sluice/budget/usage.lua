-- Reads a budget and changes nothing.
-- KEYS  1 the user's budget
-- ARGV  1 the window
-- Returns {0}, if ARGV[1] says nothing of today, and now; else {1, 0, count, rejected, bonus, ends, now}
local latest = window_end()
if not latest then
  return { 0, now }
end
local count, rejected, bonus, ends = counters_of(redis.call('GET', KEYS[1]), latest)
return { 1, 0, count, rejected, bonus, ends, now }
