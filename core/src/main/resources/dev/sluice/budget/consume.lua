-- Checks a budget and counts, in one step: two callers who both saw the last message left would both take it.
-- KEYS  1 the user's budget
-- ARGV  1 the window, 2 limit, 3 "exempt" if the message passes whatever was counted; and if anything passed before, while this could not
--       be asked: 4 how many messages, 5 microseconds until the end of the window in which they passed
-- Returns {0}, if ARGV[1] says nothing of today, and now; else {1} and passes (1 or 0), count, rejected, bonus, ends, now
local key, limit, exempt = KEYS[1], tonumber(ARGV[2]), ARGV[3] == 'exempt'

local latest = window_end()
if not latest then
  return { 0, now }
end
local count, rejected, bonus, ends = counters_of(redis.call('GET', key), latest)
if ARGV[4] then
  ends = counters_merged(count, ends, now + tonumber(ARGV[5]), latest)
  count = count + tonumber(ARGV[4])
end
local passes = exempt or count < limit + bonus
if passes then
  if count == 0 or window_kind == 'idle' then
    ends = latest
  end
  count = count + 1
else
  -- Counted apart, and changes neither what is left nor when it ends.
  rejected = rejected + 1
  if ends == 0 then
    ends = latest
  end
end
counters_keep(key, count, rejected, bonus, ends)
return { 1, passes and 1 or 0, count, rejected, bonus, ends, now }
