-- Tells a user's level. KEYS: as in levels.lua. ARGV: 1 user. Returns {1} for none, {0} for full. Changes nothing.
return { redis.call('ZSCORE', none, ARGV[1]) and 1 or 0 }
