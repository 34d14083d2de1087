-- Removes all entries and ends whatever lease there is, in one step: what somebody loaded before finds its fence gone. Deletes first, so that
-- it works when memory is full.
-- KEYS  as in history.lua
-- ARGV  1 to 4 as there, 5 "1" if it is to be known that nothing is there, since it would be loaded otherwise
-- Returns {how many entries there were}
redis.call('DEL', key)
if ARGV[5] == '1' then
  version = math.max(version + 1, now)
  ends, loaded, leased = now + kept, now + kept, 0
  redis.call('HSET', key, 'v', string.format(WHOLE, version), 't', string.format(WHOLE, ends), 'l', string.format(WHOLE, loaded),
    'i', '')
  expire()
end
return { #entries }
