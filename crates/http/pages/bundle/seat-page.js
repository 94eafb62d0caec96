/*! Stagedoor, MIT or Apache-2.0. Contains Preact (MIT, Jason Miller) and uPlot (MIT, Leon Sorokin): licences.txt. */
import{b as a,c as b,i as c,k as d,m as e}from"./chunk-seats.js";import"./chunk.js";export{c as Hall,e as SeatChoice,a as SeatPlan,b as SeatStates,d as Seats};
