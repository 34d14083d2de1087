-- Lists a bot's broadcasts that have not ended, the oldest first.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  none
-- Returns their numbers
return call('ZRANGE', ACTIVE, 0, -1)
