-- Library: one session, as its steps read it.
-- KEYS  1 the session, a hash: v version, t when it was last touched, a and h how many actions and entries of history there ever were,
--       a:<number modulo the bound> and h:<...>: "<number> <microseconds> <sealed>", s:<digest of a name> a setting, sealed,
--       x:<the same> when it ends by itself, if it does
-- ARGV  1 for how long it is kept from its last touch, microseconds
local key, kept = KEYS[1], tonumber(ARGV[1])
local WHOLE = '%.0f'

local there, version, actions, history = false, 0, 0, 0
do
  local known = redis.call('HMGET', key, 'v', 't', 'a', 'h')
  if known[2] and tonumber(known[2]) + kept > now then
    there = true
    version, actions, history = tonumber(known[1]), tonumber(known[3]), tonumber(known[4])
  end
end

local function expire()
  redis.call('PEXPIRE', key, string.format(WHOLE, math.ceil(kept / 1000)))
end

-- Setting a TTL counts as a write, after which Redis lets a script go on although its memory is full: a look must not fail for that.
local function touch()
  expire()
  redis.call('HSET', key, 't', string.format(WHOLE, now))
end

local function has_ended(ends)
  return ends and tonumber(ends) <= now
end
