-- Library, after corrections.lua: what Telegram's 429 means for everyone.

-- For how long it is known who was told last.
local FLOODS_REMEMBERED = 60000000

-- Parks the chat's bucket for <park> microseconds; and the bot's if <many> are told so within <counts>, which the set of
-- recent floods says, under <name>. Without a chat both keys are the bot's. Returns 1 if the whole bot is parked now, and
-- when the same chat was told the last time, if it was the last.
local function bucket_flood(chat, bot, floods, name, park, counts, many, now)
  bucket_park(chat, redis.call('GET', chat), now + park, now)
  redis.call('ZREMRANGEBYSCORE', floods, '-inf', string.format('(%.0f', now - FLOODS_REMEMBERED))
  redis.call('ZREMRANGEBYSCORE', floods, string.format('(%.0f', now), '+inf') -- from before the clock jumped back
  redis.call('ZREMRANGEBYRANK', floods, 0, -64)
  local last = redis.call('ZREVRANGE', floods, 0, 0, 'WITHSCORES')
  local again = last[1] == name and tonumber(last[2]) or nil
  redis.call('ZADD', floods, string.format('%.0f', now), name)
  redis.call('PEXPIRE', floods, FLOODS_REMEMBERED / 1000)
  if chat ~= bot and redis.call('ZCOUNT', floods, string.format('%.0f', now - counts), string.format('%.0f', now)) >= many then
    bucket_park(bot, redis.call('GET', bot), now + park, now)
    return 1, again
  end
  return 0, again
end
