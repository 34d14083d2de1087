-- Adds messages to the present window, or to the next one if none has begun: then within one window's length from now.
-- KEYS  1 the user's budget
-- ARGV  1 the window, 2 how many messages, 3 the most that may be granted in all
-- Returns {0}, if ARGV[1] says nothing of today, and now; else {1, 0, count, rejected, bonus, ends, now}
-- Atomic, since a consumption between reading and writing would be lost.
local key, messages, most = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local latest = window_end()
if not latest then
  return { 0, now }
end
local count, rejected, bonus, ends = counters_of(redis.call('GET', key), latest)
if count == 0 then
  ends = latest
end
bonus = math.min(bonus + messages, most)
counters_keep(key, count, rejected, bonus, ends)
return { 1, 0, count, rejected, bonus, ends, now }
