/**
 * Several regions, each with a Redis of its own: who has which share of what is limited, and where what must be unique is decided.
 *
 * <p>Start with {@link dev.sluice.region.Regions}; {@link dev.sluice.region.Homes} finds the region that decides for a key, and
 * {@link dev.sluice.region.RegionLists} tells whether all gateways run by one list. Features bring their own part: shares of limits in
 * {@code limit}, keyed calls and messages in {@code delivery}, and so on.
 *
 * <h2>Two ways to be right without a common store</h2>
 *
 * What may be divided is divided once and for all: each region decides alone, and the shares add up. What may not be divided (whether a key
 * was used, what a user has left) is decided in one region that all can compute: its home, by rendezvous hashing, at the price of a
 * round trip for those who ask from elsewhere. Both hold only while all use one list, so gateways show theirs where others look.
 */
@NullMarked
package dev.sluice.region;

import org.jspecify.annotations.NullMarked;
