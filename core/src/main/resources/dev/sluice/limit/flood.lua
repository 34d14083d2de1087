-- Tells of a 429: parks and learns.
-- KEYS  as bucket_told takes them
-- ARGV  microseconds to park; the chat's name among the floods; how long a flood counts (microseconds); how many park the bot; lesson
-- Returns what bucket_told does. Atomic because three told at once must park the bot, whoever tells of them, and lower its pace once.
return { bucket_told(KEYS, ARGV[2], tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], now) }
