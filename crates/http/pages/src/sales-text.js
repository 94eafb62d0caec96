// The texts of the page of a concert's sales.

import { addTexts } from './text.js';

addTexts({
  'sales.title': ['Sales', '판매 현황'],
  'sales.free': ['Free', '남음'],
  'sales.held': ['Held', '확보'],
  'sales.sold': ['Sold', '판매'],
  'sales.complimentary': ['Complimentary', '초대권'],
  'sales.blocked': ['Not for sale', '판매 안 함'],
  'sales.revenue': ['Revenue', '매출'],
  'sales.map': ['Seat map', '좌석 배치도'],
  'sales.show': ['Seat map, {date}', '좌석 배치도, {date}'],
  'sales.byDay': ['Sales by day', '일별 판매'],
  'sales.day': ['Day', '날짜'],
  'sales.section': ['Section', '구역'],
  'sales.noSection': ['No name', '이름 없음'],
  'sales.tickets': ['Tickets', '티켓'],
  'sales.asTable': ['Sales by day as a table', '일별 판매 표'],
  'sales.noneYet': ['No ticket has been sold yet.', '아직 판매된 티켓이 없습니다.'],
  'sales.words': ['{name} by day: {value} from {from} to {to}', '일별 {name}: {from}부터 {to}까지 {value}'],
  'date.manage': ['Manage', '관리'],
  'date.isCancelled': ['Cancelled', '취소됨'],
});
