-- Ends one attempt: what became of its claim, and what Telegram's 429 means for everyone.
-- KEYS  the idempotency record if there is a claim; with a 429 the chat's bucket, the bot's bucket, the recent floods
-- ARGV  '1' if there is a claim; with one fence, action, result, keep; then microseconds to park, 0 if there was no
--       429; with one the chat's name among the floods, how long a flood counts (microseconds), how many park the bot
-- Returns 1, or 0 if the claim had passed to someone else; and 1 if the whole bot is parked now
-- Atomic because an attempt that was told 429 must not be claimed anew by a twin before its chat is parked.
local claims, arg = tonumber(ARGV[1]), 2
local held, bot_parked = 1, 0
if claims == 1 then
  held = claim_settle(KEYS[1], redis.call('GET', KEYS[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), now)
  arg = 6
end
local park = tonumber(ARGV[arg])
if park > 0 then
  local chat, bot, floods = KEYS[claims + 1], KEYS[claims + 2], KEYS[claims + 3]
  local name, counts, many = ARGV[arg + 1], tonumber(ARGV[arg + 2]), tonumber(ARGV[arg + 3])
  bot_parked = bucket_flood(chat, bot, floods, name, park, counts, many, now)
end
return { held, bot_parked }
