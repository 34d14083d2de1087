/**
 * What operators and their programs ask for over HTTP: health, metrics, bots.
 *
 * <p>A {@link dev.sluice.server.admin.Resource} is a list of {@code Operation}s, each of which says what it takes and answers, and who
 * does it. {@link dev.sluice.server.admin.AdminApi} routes and checks requests by these descriptions, and {@code OpenApi} makes
 * its document of the same ones, so that the two cannot differ. Start with {@code Operation} and
 * {@link dev.sluice.server.admin.BotsResource}; {@link dev.sluice.server.admin.AdminAccess} decides who may ask.
 */
@NullMarked
package dev.sluice.server.admin;

import org.jspecify.annotations.NullMarked;
