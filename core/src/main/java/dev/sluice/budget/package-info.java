/**
 * Budgets: how many messages a user has within a window, 30 in the 24 hours after the first one for example.
 *
 * <p>Start with {@link dev.sluice.budget.Budgets}, then {@link dev.sluice.budget.Budget}, {@link dev.sluice.budget.Window} and
 * {@link dev.sluice.budget.Consumption}.
 *
 * <h2>One counter</h2>
 *
 * Per user and budget: how many passed, how many were rejected, what was granted, and when all of it is forgotten. On Redis it is one
 * string, and one {@code SET ... PX} writes value and end together: INCR and then EXPIRE are two steps, and who dies between them
 * leaves a counter that locks its user out for ever. {@code counters.lua} and {@link dev.sluice.budget.Counters} do the same
 * arithmetic, and one test suite holds both to it.
 *
 * <pre>
 *   nothing ──first message──▶ counting ──window's end, or reset──▶ nothing
 *      │                          ▲ │
 *      │ grant, rejection         │ └ message (an idle window begins anew), rejection, grant
 *      ▼                          │
 *   not begun ──first message─────┘
 *      └──one window's length later──▶ nothing
 * </pre>
 *
 * <h2>Days</h2>
 *
 * Where a day ends in a zone, Java knows and Redis does not; what time it is, Redis knows. So the script is given the ends of the days
 * around the caller's time and takes the first that lies ahead. Does none enclose Redis' time, it says so, and is asked again with
 * those around its own.
 *
 * <h2>Without Redis</h2>
 *
 * {@code local}: each of k replicas lets a k-th pass of what was left when it last heard of the user, or of the whole budget if it
 * never did. So all of them together keep to the budget as far as they had heard the same; what the others counted just before
 * is missing. {@code open}: everything passes. Both are counted here and told to Redis afterwards. {@code closed}: the failure is
 * thrown on.
 */
@NullMarked
package dev.sluice.budget;

import org.jspecify.annotations.NullMarked;
