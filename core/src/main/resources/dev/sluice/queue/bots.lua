-- Lists the bots that have a queue; none if another program wrote there, until each says so again. KEYS: when bots last said so. Returns them.
local bots = redis.pcall('ZRANGE', KEYS[1], 0, -1)
return bots.err and {} or bots
