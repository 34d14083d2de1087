-- Forgets a bot without broadcasts. KEYS: when bots began one. ARGV: the bot; microseconds. Returns 1 if it is forgotten.
-- Atomic because one that has just begun another must stay, whatever was found before: so long ago was its last.
local began = redis.call('ZSCORE', KEYS[1], ARGV[1])
if began and tonumber(began) + tonumber(ARGV[2]) < now then
  return { redis.call('ZREM', KEYS[1], ARGV[1]) }
end
return { 0 }
