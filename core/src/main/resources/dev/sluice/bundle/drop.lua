-- Drops a bundle that was set aside. Atomic because it must not be listed any more.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 the bundle's number
-- Returns {1 if it was there, else 0}
return { drop_aside(ARGV[5] .. ':' .. ARGV[6]) and 1 or 0 }
