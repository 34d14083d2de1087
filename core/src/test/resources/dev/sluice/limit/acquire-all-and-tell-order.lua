-- As acquire-all.lua, but tells at the end which of all decisions its last one is, and the server's time. The last of the keys counts them,
-- and the last argument says how many are asked for.
local last = redis.call('INCRBY', table.remove(KEYS), table.remove(ARGV))
local reply = combined(KEYS, ARGV)
reply[#reply + 1], reply[#reply + 2] = last, now
return reply
