@NullMarked
package dev.sluice.server.worker;

import org.jspecify.annotations.NullMarked;
