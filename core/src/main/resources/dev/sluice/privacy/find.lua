-- Tells a user's level, and what whoever answers by it must have forgotten before. Changes nothing.
-- KEYS  as in levels.lua
-- ARGV  1 user
-- Returns 1 for none, 0 for full; the number of the last forgetting that concerns them, or may
local number = forgotten_floor()
for _, what in ipairs({ 'all:', 'copies:' }) do
  number = math.max(number, tonumber(redis.call('ZSCORE', forgotten, what .. ARGV[1]) or '0'))
end
return { redis.call('ZSCORE', none, ARGV[1]) and 1 or 0, string.format(WHOLE, math.min(number, last_change())) }
