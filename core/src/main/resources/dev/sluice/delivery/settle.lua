-- Ends one attempt: what became of its claim, and what Telegram's 429 means for everyone.
-- KEYS  the idempotency record if there is a claim; with a 429 those of bucket_told
-- ARGV  '1' if there is a claim; with one fence, action, result, keep; then microseconds to park, 0 if there was no
--       429; with one the chat's name among the floods, how long a flood counts (microseconds), how many park the bot, and
--       bucket_told's lesson
-- Returns 1, or 0 if the claim had passed to someone else; 1 if the whole bot is parked now; and what bucket_learn does
-- Atomic because an attempt that was told 429 must not be claimed anew by a twin before its chat is parked.
local claims, arg = tonumber(ARGV[1]), 2
local held, bot_parked, learned = 1, 0, 0
if claims == 1 then
  held = claim_settle(KEYS[1], redis.call('GET', KEYS[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), now)
  arg = 6
end
local park = tonumber(ARGV[arg])
if park > 0 then
  local told = { unpack(KEYS, claims + 1) }
  bot_parked, learned = bucket_told(told, ARGV[arg + 1], park, tonumber(ARGV[arg + 2]), tonumber(ARGV[arg + 3]), ARGV[arg + 4], now)
end
return { held, bot_parked, learned }
