-- Library, after corrections.lua: what Telegram's 429 means for everyone.

-- Parks the chat's bucket for <park> microseconds; and the bot's if <many> are told so within <counts>, which the set of
-- recent floods says, under <name>. Without a chat both keys are the bot's. Returns 1 if the whole bot is parked now.
local function bucket_flood(chat, bot, floods, name, park, counts, many, now)
  bucket_park(chat, redis.call('GET', chat), now + park, now)
  redis.call('ZADD', floods, string.format('%.0f', now), name)
  redis.call('ZREMRANGEBYSCORE', floods, '-inf', string.format('(%.0f', now - counts))
  redis.call('PEXPIRE', floods, string.format('%.0f', math.ceil(counts / 1000)))
  if redis.call('ZCARD', floods) >= many and chat ~= bot then
    bucket_park(bot, redis.call('GET', bot), now + park, now)
    return 1
  end
  return 0
end
